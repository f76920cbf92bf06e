#!/bin/bash
# Runs inside a booted Debian, as a unit; says "name: value" lines that booted-packages.test.ts judges.
# /srv/old and /srv/new are apt repositories of two versions, /host is the machine outside with its clients.
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
daemons="s3d ftpd smbd utcd"
say() { echo "$1: ${*:2}"; }
of() { systemctl show -P "$1" "holdfast-$2.service"; }
each() { for one in $daemons; do printf '%s ' "$(systemctl "$1" "holdfast-$one.service" 2>&1)"; done; }
outside() { timeout 20 chroot /host "$@"; }
secret() { sed -n "s/.*\"$1\": \"\\(.*\\)\".*/\\1/p" /var/lib/holdfast/first-run.json | head -1; }
source_is() { echo "deb [signed-by=/srv/key.asc] file:/srv/$1/apt stable main" > /etc/apt/sources.list; apt-get -q update; }
ready() { for i in $(seq 100); do (: < /dev/tcp/127.0.0.1/"$1") 2> /dev/null && return; sleep 0.1; done; }
s3() { outside curl -sS --aws-sigv4 aws:amz:us-east-1:s3 -u "$(secret accessKeyId):$(secret secretAccessKey)" "$@"; }

mount -t tmpfs tmpfs /host/tmp # programs of outside want a place to write
source_is old; say updated $?
apt-get -qq install -y holdfast-s3d holdfast-ftpd holdfast-smbd holdfast-utcd; say installed $?
say active "$(each is-active)"
say enabled "$(each is-enabled)"
say version "$(holdfast version)"
holdfast status > /dev/null; say status $?
say doctor "$(holdfast doctor --json | grep -c '"state":"bad"')"
say ports "$(outside ss -Hlntu | awk '{print $1 $5}' | sed 's/\[::\]\|\*\|0.0.0.0//' | sort -u | grep -v '127.0.0.1\|%' | tr '\n' ' ')"

login="admin:$(secret password)"
head -c 300000 /dev/urandom | base64 > /root/file.txt
same() { cmp -s - /root/file.txt; say "$1" $?; }
outside curl -sS -T - "ftp://$login@127.0.0.1/file.txt" < /root/file.txt; say ftp-put $?
s3 http://127.0.0.1:9000/home/file.txt | same s3-get
outside curl -sS --ssl-reqd -k "ftp://$login@127.0.0.1/file.txt" | same ftp-tls-get
outside curl -sS -k "ftps://$login@127.0.0.1/file.txt" | same ftps-get
outside curl -sS -k "sftp://$login@127.0.0.1:2022/file.txt" | same sftp-get
outside smbclient //127.0.0.1/home -U "${login/:/%}" -c 'get file.txt -' 2> /dev/null | same smb-get
say ntp "$(outside ntpdig -j 127.0.0.1 2>&1 | tr '\n' ' ')"
outside rdate -p 127.0.0.1 > /dev/null; say time $?

printf 'log: {level: debug}\n' > /etc/holdfast/ftpd.yaml
systemctl reload holdfast-ftpd; say reload $?
sleep 1; say reloaded "$(journalctl -u holdfast-ftpd -o cat | grep -c 'changed=log.level')"
printf 'log: {levle: debug}\n' > /etc/holdfast/ftpd.yaml
systemctl reload holdfast-ftpd 2> /dev/null; say reload-bad $?
say after-bad "$(systemctl is-active holdfast-ftpd)"
printf 'log: {level: warn}\n' > /etc/holdfast/ftpd.yaml

kill -KILL "$(of MainPID s3d)"; sleep 3; ready 9000
say after-crash "$(systemctl is-active holdfast-s3d)" "$(of NRestarts s3d)"
s3 http://127.0.0.1:9000/home/file.txt | same after-crash-get

systemctl disable -q --now holdfast-utcd
before=$(of MainPID s3d)
source_is new
apt-get -qq dist-upgrade -y; say upgraded $?
say upgraded-version "$(holdfast version)"
say upgraded-active "$(each is-active)"
say upgraded-enabled "$(each is-enabled)"
say upgraded-restarted "$([ "$before" = "$(of MainPID s3d)" ]; echo $?)"
say upgraded-configuration "$(cat /etc/holdfast/ftpd.yaml)" "$(stat -c '%U:%G %a' /etc/holdfast/ftpd.yaml)"
ready 9000; s3 http://127.0.0.1:9000/home/file.txt | same upgraded-s3-get
ready 445; outside smbclient //127.0.0.1/home -U "${login/:/%}" -c 'get file.txt -' 2> /dev/null | same upgraded-smb-get

apt-get -qq remove -y 'holdfast-*'; say removed $?
say removed-active "$(each is-active)"
say removed-kept "$(ls /var/lib/holdfast/catalog.db /etc/holdfast/ftpd.yaml | tr '\n' ' ')"
apt-get -qq install -y holdfast-s3d; say again $? "$(systemctl is-active holdfast-s3d)"
ready 9000; s3 http://127.0.0.1:9000/home/file.txt | same again-get
apt-get -qq purge -y 'holdfast-*' < /dev/null; say purged $?
say purged-left "$(find / -xdev \( -path /host -o -path /srv -o -path /proc \) -prune -o \
  -name '*holdfast*' -not -path '/var/lib/apt/lists/*' -print | tr '\n' ' ')"
say purged-user "$(getent passwd holdfast | cut -d: -f1)"
say purged-broken "$(systemctl list-units --failed --no-legend | grep -c holdfast)"
journalctl -o short-precise --no-pager -u "holdfast-*" >&2
echo "end: 0"
