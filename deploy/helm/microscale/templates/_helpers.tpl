{{- define "microscale.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* The name of all that is made: that of the release, which is not said twice. */ -}}
{{- define "microscale.fullname" -}}
{{- $name := include "microscale.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* The same for what has no namespace. */ -}}
{{- define "microscale.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "microscale.fullname" .) -}}
{{- end -}}

{{- define "microscale.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "microscale.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: need a name where create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "microscale.selector" -}}
app.kubernetes.io/name: {{ include "microscale.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "microscale.labels" -}}
{{ include "microscale.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "microscale.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- /* The configuration file: what the values say, where the workloads are, and which Lease decides who leads. */ -}}
{{- define "microscale.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if not $config.pool.orchestrator.kubernetes.namespace -}}
{{- $_ := set $config.pool.orchestrator.kubernetes "namespace" .Release.Namespace -}}
{{- end -}}
{{- if .Values.leaderElection.enabled -}}
{{- $election := pick .Values.leaderElection "leaseDuration" "renewDeadline" "retryPeriod" -}}
{{- $_ := set $election "lease" (include "microscale.fullname" .) -}}
{{- $_ := set $election "namespace" .Release.Namespace -}}
{{- $_ := set $config.pool.orchestrator.kubernetes "leaderElection" $election -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- /* Where the pool is, and with it the Lease of its engines. */ -}}
{{- define "microscale.poolNamespace" -}}
{{- if .Values.customResources -}}
{{- splitList "/" .Values.customResources | first -}}
{{- else -}}
{{- .Release.Namespace -}}
{{- end -}}
{{- end -}}

{{- /* The rules of one place in access.yaml. Of a list: the root and the place. */ -}}
{{- define "microscale.rules" -}}
{{- $root := index . 0 -}}
{{- $where := index . 1 -}}
{{- $chosen := dict "nodes" $root.Values.access.nodes "leaderElection" $root.Values.leaderElection.enabled "customResources" (not (empty $root.Values.customResources)) -}}
{{- range $root.Files.Get "access.yaml" | fromYamlArray -}}
{{- if and (eq .where $where) (or (not .when) (get $chosen (default "" .when))) }}
- apiGroups: {{ toJson .apiGroups }}
  resources: {{ toJson .resources }}
  {{- if .own }}
  resourceNames: [{{ include "microscale.fullname" $root }}]
  {{- end }}
  verbs: {{ toJson .verbs }}
{{- end -}}
{{- end -}}
{{- if eq $where "pool" -}}
{{- range $root.Values.access.workloads }}
- apiGroups: [{{ .apiGroup | quote }}]
  resources: [{{ .resource }}]
  verbs: ["get","list","watch","patch"]
- apiGroups: [{{ .apiGroup | quote }}]
  resources: [{{ .resource }}/scale]
  verbs: ["update"]
{{- end -}}
{{- end -}}
{{- end -}}
