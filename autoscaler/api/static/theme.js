// Light, dark, or as the system has it; the choice is kept, it is no secret.

const KEY = "autoscaler-theme";
const NEXT = { system: "dark", dark: "light", light: "system" };

export function followTheme(button) {
  const show = theme => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  let theme = localStorage.getItem(KEY);
  theme = theme in NEXT ? theme : "system";
  show(theme);
  button.addEventListener("click", () => {
    theme = NEXT[theme];
    localStorage.setItem(KEY, theme);
    show(theme);
  });
}
