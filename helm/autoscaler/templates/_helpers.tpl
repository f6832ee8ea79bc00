{{- define "autoscaler.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "autoscaler.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "autoscaler.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "autoscaler.selectorLabels" -}}
app.kubernetes.io/name: {{ include "autoscaler.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "autoscaler.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: service
app.kubernetes.io/part-of: {{ include "autoscaler.name" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "autoscaler.testLabels" -}}
app.kubernetes.io/name: {{ include "autoscaler.name" . }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: test
{{- end -}}

{{/* Ours, those of all objects, and more; nobody may replace those that select pods. Of a dict: root, labels. */}}
{{- define "autoscaler.allLabels" -}}
{{- $selected := include "autoscaler.selectorLabels" .root | fromYaml -}}
{{- $ours := include "autoscaler.labels" .root | fromYaml -}}
{{- toYaml (merge $selected (default (dict) .labels) .root.Values.commonLabels $ours) -}}
{{- end -}}

{{/* The metadata of an object. Of a dict: root, and what is special of suffix, namespace, labels, annotations. */}}
{{- define "autoscaler.metadata" -}}
name: {{ include "autoscaler.fullname" .root }}{{ default "" .suffix }}
namespace: {{ default .root.Release.Namespace .namespace }}
labels: {{- include "autoscaler.allLabels" . | nindent 2 }}
{{- with merge (dict) (default (dict) .annotations) .root.Values.commonAnnotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Where pods may run, and how they find others; for the service and for `helm test`. */}}
{{- define "autoscaler.placement" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- range $key := list "priorityClassName" "schedulerName" "runtimeClassName" "dnsPolicy" }}
{{- with get $.Values $key }}
{{ $key }}: {{ . }}
{{- end }}
{{- end }}
{{- range $key := list "imagePullSecrets" "dnsConfig" "hostAliases" "nodeSelector" "tolerations" }}
{{- with get $.Values $key }}
{{ $key }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- end -}}

{{/* What every series of this release matches: label matchers of PromQL, or nothing. */}}
{{- define "autoscaler.matchers" -}}
{{- $name := include "autoscaler.fullname" . -}}
{{- $pods := .Values.metrics.podMonitor -}}
{{- if .Values.prometheusRule.matchers -}}
{{- .Values.prometheusRule.matchers -}}
{{- else if .Values.metrics.serviceMonitor.enabled -}}
{{- printf "namespace=%q,job=%q" .Release.Namespace (printf "%s-metrics" $name) -}}
{{- else if $pods.enabled -}}
{{- printf "namespace=%q,job=%q" .Release.Namespace (printf "%s/%s" (default .Release.Namespace $pods.namespace) $name) -}}
{{- end -}}
{{- end -}}

{{/* An expression of files/alerts.yaml, about the series of this release only. Of a list: the expression, the matchers. */}}
{{- define "autoscaler.expression" -}}
{{- $expression := index . 0 -}}
{{- with index . 1 -}}
{{- $expression = regexReplaceAll "(autoscaler_[a-z_]+)\\{" $expression "${1}{@," -}}
{{- $expression = regexReplaceAll "(autoscaler_[a-z_]+)([^a-z_{]|$)" $expression "${1}{@}${2}" -}}
{{- $expression = replace "@" . $expression -}}
{{- end -}}
{{- $expression -}}
{{- end -}}

{{- define "autoscaler.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "autoscaler.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "autoscaler.image" -}}
{{- $image := .Values.image -}}
{{- $repository := ternary $image.repository (printf "%s/%s" $image.registry $image.repository) (empty $image.registry) -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The store is SQLite on the pod's own volume unless a PostgreSQL is named. */}}
{{- define "autoscaler.embedded" -}}
{{- if not .Values.postgresql.existingSecret }}yes{{ end -}}
{{- end -}}

{{- define "autoscaler.hasToken" -}}
{{- if or .Values.auth.existingSecret .Values.auth.token }}yes{{ end -}}
{{- end -}}

{{/* The settings file: what the chart decides goes before what `config` says. */}}
{{- define "autoscaler.settings" -}}
{{- $settings := deepCopy .Values.config -}}
{{- $_ := set $settings "clusters" .Values.clusters -}}
{{- $_ := set $settings "kill_switch" "/etc/autoscaler/switch/freeze" -}}
{{- $metrics := deepCopy (default (dict) $settings.metrics) -}}
{{- $_ := set $metrics "per_cluster" .Values.metrics.perCluster -}}
{{- $_ := set $metrics "host" "0.0.0.0" -}}
{{- $_ := set $metrics "port" 9090 -}}
{{- $_ := set $settings "metrics" $metrics -}}
{{- $api := deepCopy (default (dict) $settings.api) -}}
{{- if .Values.tls.existingSecret -}}
{{- $_ := set $api "tls_cert" "/etc/autoscaler/tls/tls.crt" -}}
{{- $_ := set $api "tls_key" "/etc/autoscaler/tls/tls.key" -}}
{{- else -}}
{{- $_ := set $api "behind_tls_proxy" true -}}
{{- end -}}
{{- if include "autoscaler.hasToken" . -}}
{{- $_ := set $api "admin_token_file" "/etc/autoscaler/token/token" -}}
{{- end -}}
{{- $_ := set $settings "api" $api -}}
{{- if include "autoscaler.embedded" . -}}
{{- $_ := set $settings "database" "sqlite+aiosqlite:////var/lib/autoscaler/autoscaler.db" -}}
{{- else -}}
{{- $_ := set $settings "database_file" "/etc/autoscaler/database/url" -}}
{{- end -}}
{{- toYaml $settings -}}
{{- end -}}
