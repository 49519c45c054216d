#!/bin/sh
# Plants one bug after another into a copy of the core and demands that the property test finds each of them: a checker that
# cannot fail proves nothing. Run by `make -C arduino planted-bugs`.
set -eu
cd "$(dirname "$0")/.."
build=.build/planted
compiler=${HOST_CXX:-g++}
steps=${STEPS:-1000000}
failed=0

plant() { # name, file, sed expression
  rm -rf "$build"
  mkdir -p "$build/core"
  cp core/*.h core/*.cpp "$build/core/"
  sed -e "$3" "core/$2" > "$build/core/$2"
  if cmp -s "core/$2" "$build/core/$2"; then
    echo "not planted: $1 (the code it changes is gone: change this script)"
    failed=1
    return
  fi
  mkdir -p "$build/tests"
  cp tests/host.h tests/host.cpp tests/check.h tests/property.cpp "$build/tests/"
  "$compiler" -std=c++11 -O1 -o "$build/property" "$build"/core/*.cpp "$build/tests/host.cpp" "$build/tests/property.cpp"
  if found=$("$build/property" "$steps" 1); then
    echo "not found: $1"
    failed=1
  else
    echo "found: $1: $found"
  fi
}

plant "no obstruction check at all" barrier.cpp 's/if (!barrier.loop.occupied) return;/return;/'
plant "the obstruction drops the relay and raises nothing" barrier.cpp 's/else if (barrier.may_be_descending) raise(.*$//'
plant "a waiting raise goes on waiting over an obstruction" barrier.cpp 's/barrier.raise_urgent = true;/return;/'
plant "the obstruction is debounced" barrier.cpp 's/closing_loop_sample(barrier.loop, recorder.now, (raw & IN_CLOSING) != 0);/closing_loop_sample(barrier.loop, recorder.now, (inputs \& IN_CLOSING) != 0 \&\& !(changed \& IN_CLOSING));/'
plant "closing starts without looking at the loop" barrier.cpp 's/if (!closing_loop_clear_for(.*return false;//'
plant "STOP disarms the reflex" barrier.cpp '/^void stop/,/^}/s/abandon_waiting_raise(barrier);/&  barrier.may_be_descending = false;/'
plant "an arm that comes down unasked is not watched" motion.cpp '/^void leave_limits/,/^}/s/barrier.may_be_descending = true;//'
plant "a pulse of 500 ms" protocol.h 's/PULSE_MS = 400/PULSE_MS = 500/'
plant "pulses run into each other" relays.cpp 's/return relays.on != relay .*/return true;/'
plant "a broken arm is ignored" barrier.cpp 's/if (!(inputs & IN_ARM_IN_PLACE)) level |= FAULT_ARM_BROKEN;//'
plant "no closing after a passage" barrier.cpp 's/return barrier.passed || /return /'
exit "$failed"
