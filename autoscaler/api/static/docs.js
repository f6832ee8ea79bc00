// The API, to read and to try; requests carry the token of this tab.

import { Refused, ask, token } from "./session.js";
import { signIn } from "./sign-in.js";

const main = document.getElementById("main");

async function open() {
  let spec;
  try {
    spec = (await ask("openapi.json")).document;
  } catch (problem) {
    if (problem instanceof Refused && problem.status === 401) {
      main.replaceChildren(signIn(token() ? "That token is not good (any more)." : "", open));
      document.getElementById("token").focus();
    } else {
      main.textContent = `${problem.message}.`;
    }
    return;
  }
  main.replaceChildren();
  globalThis.SwaggerUIBundle({ spec, domNode: main, deepLinking: true, docExpansion: "list", requestInterceptor: signed });
}

function signed(request) {
  if (token() && new URL(request.url, location.href).origin === location.origin) {
    request.headers.Authorization ??= `Bearer ${token()}`;
  }
  return request;
}

open();
