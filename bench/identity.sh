# The measurements of identity; sourced by bench/run.
# shellcheck shell=bash disable=SC2154
warm=${BENCH_WARM_SECONDS:-30}
tokens=${BENCH_TOKENS:-100000}

# 10,000 users, 2,000 projects, 50,000 assignments, and application credentials of 1,000 of the users,
# straight into the database. The credentials' one secret is not in any process's arguments.
populate_identity() {
  local secret
  secret=$(openssl rand -hex 32)
  psql -q -v ON_ERROR_STOP=1 -h "$data/postgres/run" -U lastmile postgres <<SQL
INSERT INTO identity.project
  (id, name, domain_id, parent_id, is_domain, description, enabled, options, extra)
SELECT md5('project' || n), 'bench-' || n, 'default', 'default', false, '', true, '{}', '{}'
FROM generate_series(1, 2000) n;
INSERT INTO identity.account (id, domain_id, name, enabled, options, extra)
SELECT md5('user' || n), 'default', 'bench-' || n, true, '{}', '{}'
FROM generate_series(1, 10000) n;
INSERT INTO identity.assignment (user_id, kind, target_id, role_id, inherited)
SELECT md5('user' || u), 'project', md5('project' || 1 + (u * 5 + k) % 2000), r.id, false
FROM generate_series(1, 10000) u, generate_series(1, 5) k, identity.role r
WHERE r.name = 'member' AND r.domain_id IS NULL;
INSERT INTO identity.application_credential
  (id, user_id, project_id, name, secret_hash, unrestricted)
SELECT md5('credential' || u), md5('user' || u), md5('project' || 1 + (u * 5 + 1) % 2000), 'bench',
  'sha256\$' || encode(sha256('$secret'), 'hex'), false
FROM generate_series(1, 1000) u;
INSERT INTO identity.application_credential_role (credential_id, role_id)
SELECT md5('credential' || u), r.id FROM generate_series(1, 1000) u, identity.role r
WHERE r.name = 'member' AND r.domain_id IS NULL;
ANALYZE identity.project, identity.account, identity.assignment, identity.application_credential,
  identity.application_credential_role;
SQL
  psql -qAt -h "$data/postgres/run" -U lastmile postgres \
    -c "SELECT id FROM identity.application_credential WHERE name = 'bench' ORDER BY id" |
    SECRET=$secret jq -Rc '{auth: {identity: {methods: ["application_credential"],
      application_credential: {id: ., secret: env.SECRET}}}}' >"$work/by-credential.json"
}

# What asks for a token in other ways: with a token, for its project, and with a password.
prepare_logins() {
  jq -nc --arg project "$project" '{auth: {identity: {methods: ["token"],
    token: {id: env.TOKEN}}, scope: {project: {id: $project}}}}' >"$work/by-token.json"
  PASSWORD=$(cat "$data/admin-password") jq -nc '{auth: {scope: "unscoped", identity: {
    methods: ["password"], password: {user: {name: "admin", domain: {id: "default"},
      password: env.PASSWORD}}}}}' >"$work/by-password.json"
}

# Tokens of 200 users, each in a project, one a line.
make_tokens() {
  head -n 200 "$work/by-credential.json" | jq -Rr --arg url "$url/identity/v3/auth/tokens" \
    '"next", "url = \($url)", "header = \"Content-Type: application/json\"", "dump-header = -",
      "output = /dev/null", "silent", "show-error", "fail", "data = \(@json)"' |
    tail -n +2 >"$work/curl"
  curl -K "$work/curl" | sed -n 's/^x-subject-token: *\([^\r]*\).*/\1/Ip' >"$work/tokens"
  [ "$(wc -l <"$work/tokens")" = 200 ] || die "no 200 tokens"
}

# validate [SECONDS]: 16 clients validate these tokens in turn, with their catalogs; requests per
# second and 99th percentile.
validate() {
  wrk -t1 -c16 "-d${1:-$seconds}s" --latency -s "$here/validate.lua" \
    "$url/identity/v3/auth/tokens" -- "$work/tokens" >"$work/wrk"
  if grep -q Non-2xx "$work/wrk"; then cat "$work/wrk" >&2; return 1; fi
  sed -n 's/^Requests\/sec: *//p; s/^ *99% *//p' "$work/wrk" | sort -n | tac | xargs
}

# post CLIENTS SECONDS FILE: tokens per second that the logins of this file give.
post() {
  wrk -t1 "-c$1" "-d$2s" --timeout 60s -s "$here/post.lua" \
    "$url/identity/v3/auth/tokens" -- "$3" >"$3.wrk"
  if grep -q Non-2xx "$3.wrk"; then cat "$3.wrk" >&2; return 1; fi
  sed -n 's/^Requests\/sec: *//p' "$3.wrk"
}

bench_identity() {
  local numbers before storm
  populate_identity
  prepare_logins
  make_tokens
  read -r -a numbers < <(validate)
  row "validation, the first $seconds s: rate, p99" "${numbers[*]}" ''
  validate "$warm" >/dev/null
  read -r -a numbers < <(validate)
  row 'validation among 50,000 assignments, 16 clients' "${numbers[0]}/s" '10000/s'
  row 'validation, 99th percentile' "${numbers[1]}" '10 ms'
  row "by application credential, the first $seconds s" \
    "$(post 8 "$seconds" "$work/by-credential.json")/s" ''
  post 8 "$warm" "$work/by-credential.json" >/dev/null
  row 'token by application credential, 8 clients' \
    "$(post 8 "$seconds" "$work/by-credential.json")/s" '2000/s'
  post 8 "$seconds" "$work/by-token.json" >/dev/null
  row 'token by token, 8 clients' "$(post 8 "$seconds" "$work/by-token.json")/s" '2000/s'
  repeat 1 1 50 GET '/identity/v3/users?limit=1000' '' >/dev/null
  read -r -a numbers < <(repeat 1 1 50 GET '/identity/v3/users?limit=1000' '')
  row 'GET /users, 1,000 a page, one client, median' "${numbers[1]} ms" '30 ms'
  row 'login by password, 4 clients' "$(post 4 "$seconds" "$work/by-password.json")/s" 'the hash'
  # As many logins as 16 clients can start, from before the measurement until after it.
  before=$(validate)
  post 16 $((seconds + 4)) "$work/by-password.json" >"$work/storm" &
  storm=$!
  sleep 2
  numbers=("$(validate)")
  wait "$storm"
  row 'validation before a storm of logins: rate, p99' "$before" ''
  row "validation in it, with $(cat "$work/storm") logins/s" "${numbers[0]}" 'the same'
}

# refused USER: seconds until a wrong password is refused.
refused() {
  curl -s -o /dev/null -w '%{time_total}\n' -H 'Content-Type: application/json' -d "$(jq -nc \
    --arg name "$1" '{auth: {identity: {methods: ["password"], password: {user: {name: $name,
      domain: {id: "default"}, password: "wrong"}}}}}')" "$url/identity/v3/auth/tokens"
}

# Alternating, fewer than what is refused unheard.
bench_refusals() {
  call POST /identity/v3/users '{"user": {"name": "refused", "password": "right"}}' >/dev/null
  for _ in $(seq 25); do
    refused refused >>"$work/known"
    refused nobody >>"$work/unknown"
  done
  row 'refused login: unknown user over wrong password' "$(paste <(sort -n "$work/unknown") \
    <(sort -n "$work/known") | awk 'NR == 13 { printf "%.2f", $1 / $2 }')" '1.0'
}

# Used KiB of Lastmile's heap, after a full collection.
heap() {
  local pid
  pid=$(cut -d' ' -f1 "$data/running")
  "$JAVA_HOME/bin/jcmd" "$pid" GC.run >/dev/null
  "$JAVA_HOME/bin/jcmd" "$pid" GC.heap_info |
    sed -n '/[Mm]etaspace/!s/.* used \([0-9]*\)K.*/\1/p' | awk '{ total += $1 } END { print total }'
}

# make_by COUNT [revoke]: makes, and revokes, that many tokens; how many a second.
make_by() {
  local start
  start=$(now)
  wrk -t1 -c8 -d86400s -s "$here/tokens.lua" "$url/identity/v3/auth/tokens?nocatalog" \
    -- "$work/by-token.json" "$@" >/dev/null
  awk -v n="$1" -v s="$(since "$start")" 'BEGIN { printf "%.0f", n / s }'
}

# The same after many tokens as after some: none is kept. A token's own cost is the same at any time,
# so an hour at N/s is 3,600 N tokens, however quickly they are made. What is kept of tokens in use is
# bounded, at 5,000 of them here, and is full before.
bench_heap() {
  local before after made
  prepare_logins
  make_by 20000 >/dev/null
  make_by 6000 revoke >/dev/null
  before=$(heap)
  made=$(make_by "$tokens")
  say "$tokens tokens made at $made/s, $((tokens / 10)) revoked at $(make_by $((tokens / 10)) revoke)/s"
  after=$(heap)
  row "heap after $tokens tokens more, 1 in 10 revoked" "$(awk -v a="$before" -v b="$after" \
    'BEGIN { printf "%+.1f of %.0f", (b - a) / 1024, a / 1024 }') MiB" '0 MiB'
}
