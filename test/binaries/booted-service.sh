#!/bin/bash
# Runs inside a booted Debian, as a unit; says "name: value" lines that booted-service.test.ts judges.
say() { echo "$1: ${*:2}"; }
show() { systemctl show -P "$1" "$unit"; }
# The service's process. Never 0: a signal to process 0 is one to this script.
main() { pid=$(show MainPID); [ "$pid" -gt 1 ] || { say broken "$unit does not run"; exit 1; }; }
unit=holdfast-utcd.service
mkdir -p /etc/systemd/system/$unit.d
printf '[Service]\nWatchdogSec=3\n' > /etc/systemd/system/$unit.d/quick.conf # the test does not wait for 30 s

holdfast-utcd service install; say installed $?
say active "$(systemctl is-active $unit)"
holdfast-utcd status; say status $?
say user "$(ps -o user= -p "$(show MainPID)" 2>/dev/null || stat -c %U /proc/"$(show MainPID)")"
say data "$(stat -c '%U %a' /var/lib/holdfast) $(stat -c '%U %a' /var/lib/holdfast/first-run.json)"
say listens "$(journalctl -u $unit -o cat | grep '^ready ' | tail -1)"
say secrets "$(journalctl -u $unit -o cat | grep -c "$(sed -n 's/.*"password": "\(.*\)".*/\1/p' /var/lib/holdfast/first-run.json)")"

mkdir -p /etc/holdfast
printf 'log: {level: debug}\n' > /etc/holdfast/utcd.yaml
chgrp holdfast /etc/holdfast/utcd.yaml; chmod 640 /etc/holdfast/utcd.yaml
systemctl reload $unit; say reload $?
sleep 1
say reloaded "$(journalctl -u $unit -o cat | grep '^reloaded ' | tail -1)"
printf 'log: {levle: debug}\n' > /etc/holdfast/utcd.yaml
systemctl reload $unit; say reload-bad $?
say after-bad "$(systemctl is-active $unit)"

rm /etc/holdfast/utcd.yaml
main; kill -STOP "$pid"; sleep 9
say after-hang "$(systemctl is-active $unit) $(show NRestarts)"
main; kill -KILL "$pid"; sleep 4
say after-crash "$(systemctl is-active $unit) $(show NRestarts)"

printf 'log: {levle: debug}\n' > /etc/holdfast/utcd.yaml; chmod 644 /etc/holdfast/utcd.yaml
systemctl restart $unit; sleep 4
say bad-start "$(systemctl is-active $unit) $(show ExecMainStatus) $(show NRestarts)"
rm /etc/holdfast/utcd.yaml
systemctl reset-failed $unit
holdfast-utcd start; say start $?
before=$(date +%s%N); holdfast-utcd stop; say stop $? $((($(date +%s%N) - before) / 1000000)) ms
holdfast-utcd status; say stopped $?
holdfast-utcd start
holdfast-utcd service remove; say removed $?
say left "$(ls /etc/systemd/system | grep -c "^holdfast-utcd.service$") $(systemctl is-active $unit)"
say kept "$(ls /var/lib/holdfast/catalog.db)"

echo "end: 0"
