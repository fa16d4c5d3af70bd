# Functions of the launcher; sourced by ./lastmile and bin/*. Needs $root.
# shellcheck shell=bash
: "${root:?}"

say() { printf '%s\n' "$*" >&2; }
die() { say "lastmile: $*"; exit 1; }

# The command line itself is wrong: nothing was done.
misused() { say "lastmile: $*"; say "See: lastmile help"; exit 2; }

# Prints the home of a JDK 25, or fails saying where it looked.
find_java() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* /opt/*jdk*25* "$HOME"/.sdkman/candidates/java/25*; do
    if [ -x "$home/bin/javac" ] && [ "$(java_major "$home")" = 25 ]; then
      echo "$home"
      return
    fi
  done
  if command -v javac >/dev/null; then
    home=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
    if [ "$(java_major "$home")" = 25 ]; then echo "$home"; return; fi
  fi
  die "no JDK 25 found: looked at JAVA_HOME, /usr/lib/jvm, /opt, ~/.sdkman and PATH. Install one or set JAVA_HOME."
}

java_major() { sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null; }

# Names of the Debian packages in bin/packages.txt that are not installed.
missing_packages() {
  comm -13 \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u) \
    <(sed 's/#.*//; s/[[:space:]].*//; /^$/d' "$root/bin/packages.txt" | sort -u)
}

# install_packages [--yes]: asks on a terminal; --yes or no terminal means yes.
install_packages() {
  local missing answer
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  say "These Debian packages are missing: ${missing[*]}"
  case " $* " in
    *' --yes '*) ;;
    *)
      if [ -t 0 ]; then
        read -rp "Install them now? [Y/n] " answer
        case ${answer:-y} in [Yy]*) ;; *) die "not installed; nothing was changed" ;; esac
      fi
      ;;
  esac
  [ "$(id -u)" = 0 ] || die "installing packages needs root"
  say "Installing..."
  # Debian would start the packages' own daemons; Lastmile runs its own.
  local policy=/usr/sbin/policy-rc.d made='' log=/var/log/lastmile-install.log
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    made=1
  fi
  local failed=
  { apt-get update &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
  } >"$log" 2>&1 </dev/null || failed=1
  [ -z "$made" ] || rm -f $policy
  if [ -n "$failed" ]; then
    tail -n 5 "$log" >&2
    die "the packages could not be installed; see $log"
  fi
}

# Builds when a source is newer than the last build; one build at a time. Each build has a directory
# of its own, app/target/builds/N, and app/target/current names the last one: clouds that run keep
# the jars they were started with.
build_if_needed() {
  JAVA_HOME=$(find_java)
  export JAVA_HOME
  up_to_date && return
  # Tests that Maven runs after packaging set LASTMILE_BUILT: they must not build inside a build.
  [ -z "${LASTMILE_BUILT:-}" ] || return 0
  command -v mvn >/dev/null || die "Maven is missing: run ./lastmile install"
  mkdir -p "$root/app/target/builds"
  (
    flock 9
    up_to_date && exit
    say "Building (the first time takes a minute or two)..."
    build=$(mktemp -d "$root/app/target/builds/XXXXXX")
    touch "$build/.built"
    cd "$root" || exit
    if ! mvn -B -Dfast -DskipTests -Dspotless.check.skip -Dlastmile.lib="$build" -pl app -am package \
      >"$root/app/target/build.log" 2>&1; then
      rm -rf "$build"
      grep -m 20 ERROR "$root/app/target/build.log" >&2
      die "the build failed; see $root/app/target/build.log"
    fi
    make_current "$build"
  ) 9>"$root/app/target/.build-lock"
}

# Runs Maven and shows what it says of tests, flakes and errors; all of it is in target/, under
# the name of the check.
maven_quietly() {
  local status=0 log=$root/target/${0##*/}.log
  mkdir -p "$root/target"
  mvn -B -ntp "$@" >"$log" 2>&1 || status=$?
  grep -E '^\[(WARNING|INFO)\] +(Flakes:|Run [0-9]+: (PASS|.*FAIL))' "$log" || true
  grep -E '^\[(INFO|WARNING|ERROR)\] +Tests run:.*(Time elapsed|Skipped: [0-9]+$)' "$log" || true
  # A warning of the compiler fails a build as well.
  [ "$status" -eq 0 ] || { grep -m 80 -E '^\[ERROR\]|^\[WARNING\] .*\.java:\[' "$log" || true; }
  return "$status"
}

# What a run tests and what is said of it afterwards: testing/selection, run from its sources, for it
# decides before anything is built.
selection() {
  local command=$1
  shift
  "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    "$root/testing/selection/src/main/java/cloud/lastmile/selection/Main.java" "$command" "$root" "$@"
}

# Takes what Maven has just packaged as the last build, so that nothing is built twice. $1 is a
# file older than what it was built from.
adopt_build() {
  mkdir -p "$root/app/target/builds"
  (
    flock 9
    build=$(mktemp -d "$root/app/target/builds/XXXXXX")
    cp "$root"/app/target/lib/*.jar "$build/"
    touch -r "$1" "$build/.built"
    make_current "$build"
  ) 9>"$root/app/target/.build-lock"
}

# Builds that nothing runs from any more are removed.
make_current() {
  local old
  chmod 755 "$1"
  ln -sfn "$1" "$root/app/target/current.new"
  mv -T "$root/app/target/current.new" "$root/app/target/current"
  for old in "$root"/app/target/builds/*; do
    [ "$old" = "$1" ] || grep -qsF "$old/" /proc/[0-9]*/cmdline || rm -rf "$old"
  done
}

up_to_date() {
  local stamp=$root/app/target/current/.built
  [ -e "$stamp" ] && [ -z "$(find "$root"/{pom.xml,platform,services,drivers,agent,app} -newer "$stamp" \
    -type f \( -path '*/src/main/*' -o -name pom.xml \) -print -quit)" ]
}

# The directory of the jars to run: the last build, or what a build under way has packaged.
built_jars() {
  if [ -n "${LASTMILE_BUILT:-}" ] && ! up_to_date; then
    echo "$root/app/target/lib"
  else
    readlink -f "$root/app/target/current"
  fi
}

# The most memory of the program's heap, in MiB: LASTMILE_HEAP_MIB, or heap_mib of the configuration
# in the data directory $1, or a sixteenth of the machine's or the control group's memory, but
# never less than the 400 that all services need under load nor more than 2,048.
heap_mib() {
  local heap=${LASTMILE_HEAP_MIB:-} memory bound
  if [ -z "$heap" ] && [ -n "${1:-}" ] && [ -r "$1/lastmile.yaml" ]; then
    heap=$(sed -n 's/^heap_mib:[[:space:]]*\([0-9]\{3,5\}\)[[:space:]]*\(#.*\)\?$/\1/p' "$1/lastmile.yaml" | head -n 1)
  fi
  if [ -n "$heap" ]; then
    [[ $heap =~ ^[0-9]{3,5}$ ]] || die "LASTMILE_HEAP_MIB is '$heap'; it takes a number of MiB, such as 400"
    echo "$heap"
    return
  fi
  memory=$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
  memory=$((memory / 1024))
  bound=$(cat "/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/memory.max" 2>/dev/null || true)
  if [[ $bound =~ ^[0-9]+$ ]] && [ $((bound >> 20)) -lt "$memory" ]; then memory=$((bound >> 20)); fi
  heap=$((memory / 16))
  [ "$heap" -ge 400 ] || heap=400
  [ "$heap" -le 2048 ] || heap=2048
  echo "$heap"
}

# Sets $java to the command that runs the program; arguments go behind it. $1 is the data directory,
# if its configuration is to be heeded.
java_command() {
  local jars heap
  heap=$(heap_mib "${1:-}")
  jars=$(built_jars)
  # The compiler's last tier waits four times as long as by default: on two cores it would take half
  # of them for the first minutes, for code that runs some hundred times (docs/decisions/0006). What
  # the cache of loaded classes says was hot passes those thresholds by, at the tier's next look:
  # here after 16 calls (not 128) to the quick compiler, and after 32,768 (not 2,048) to the last.
  java=("$JAVA_HOME/bin/java"
    -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xms96m -Xmn64m -Xmx"${heap}m" -XX:ReservedCodeCacheSize=64m
    -XX:Tier4InvocationThreshold=20000 -XX:Tier4MinInvocationThreshold=4000
    -XX:Tier4CompileThreshold=60000 -XX:Tier4BackEdgeThreshold=160000
    -XX:Tier0InvokeNotifyFreqLog=4 -XX:Tier2InvokeNotifyFreqLog=15 -XX:Tier2BackedgeNotifyFreqLog=19
    -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED
    --sun-misc-unsafe-memory-access=allow -Dlastmile.root="$root"
    -cp "$jars/*" cloud.lastmile.app.Main)
  # Loaded classes, kept by bin/speed-up-start.
  local cache=$jars/lastmile.aot
  if [ -e "$cache" ]; then
    java=("${java[0]}" -XX:AOTCache="$cache" -Xlog:disable -Xlog:all=error:stderr
      '-Xlog:aot*=off:stderr' '-Xlog:cds*=off:stderr' "${java[@]:1}")
  fi
}

# Halves the time of every later start, once a build; a start without it is only slower.
keep_classes() {
  [ -e "$(built_jars)/lastmile.aot" ] || "$root/bin/speed-up-start" ||
    say "starts will be slower: bin/speed-up-start failed"
}

run_java() {
  local java
  java_command
  exec "${java[@]}" "$@"
}

# Sets $up to what runs a cloud on data directory $1, with the further arguments: the program under
# a supervisor that starts it again when it crashes, or alone if they say --no-restart.
up_command() {
  local data=$1 java
  shift
  # A terminal that goes away, or a habit of log rotation, ends no cloud: what is ignored here is
  # ignored by the program. It reads changed files without being told.
  trap '' HUP
  java_command "$data"
  up=("${java[0]}" -XX:ErrorFile="$data/log/crash-%p.log" "${java[@]:1}" "$@")
  case " $* " in
    *' --no-restart '*) ;;
    *) up=("$root/bin/supervise" "$data" "${up[@]}") ;;
  esac
}

up_attached() {
  local up
  up_command "$@"
  exec "${up[@]}"
}

# In a session of its own; returns when the cloud answers requests, or with its error.
up_detached() {
  local up errors ready='' starter status=0
  up_command "$@"
  errors=$(mktemp)
  # The program writes one line to descriptor 3 when it is ready; the pipe ends if it dies.
  exec 4< <(exec setsid "${up[@]}" 3>&1 >/dev/null 2>"$errors" </dev/null)
  starter=$!
  IFS= read -r ready <&4 || true
  exec 4<&-
  if [ -z "$ready" ]; then
    wait "$starter" || status=$?
    cat "$errors" >&2
    [ "$status" != 0 ] || status=1
  fi
  rm -f "$errors"
  [ -z "$ready" ] || printf '%s\n' "$ready"
  return "$status"
}
