#!/usr/bin/env bash
# Makes docs/messages.txt of what test programs saw: one example, the shortest, of each message, without the folders and numbers of the run.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# Texts that a test drew at random are no examples: what is quoted, numbered or set counts as one message.
cat "$root"/artifacts/messages/*.txt | sed -e 's/⏎ */\n/g' | LC_ALL=C.UTF-8 grep -ax '.*' | LC_ALL=C grep -av $'[\001-\010\013-\037\177]' | LC_ALL=C grep -av '�' | sed -e "s|$root/|./|g" -E -e 's#/(dev/shm|tmp)/[A-Za-z0-9._-]*#FOLDER#g' -e 's#FOLDER/(altered|damaged|copy)-[a-z0-9.]+#FOLDER/COPY#g' | LC_ALL=C awk '
    !/^(error|hint|warning): / && !/^[A-Za-z\/]/ { next }
    { shape = $0
      sub(/line [0-9]+: found .*; a recipe is/, "found; a recipe is", shape)
      gsub(/\047[^\047]*\047/, "Q", shape); gsub(/FOLDER[^ :,]*/, "P", shape); gsub(/[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]+/, "H", shape); gsub(/-?[0-9][0-9.,]*/, "N", shape); sub(/^.* \((line N|as set)\): unknown key/, "unknown key", shape)
      if (!(shape in best) || length($0) < length(best[shape]) || length($0) == length(best[shape]) && $0 < best[shape]) best[shape] = $0 }
    END { for (shape in best) print best[shape] }' | LC_ALL=C sort -u >"$root/docs/messages.txt"
wc -l <"$root/docs/messages.txt"
