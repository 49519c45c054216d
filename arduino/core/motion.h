// Where the arm is believed to be, by the limit switches and by what drove it. barrier.cpp decides when it moves.
#ifndef PALANG_MOTION_H
#define PALANG_MOTION_H

#include "barrier.h"

namespace palang {

/** Changes the state and says so; nothing when it is the same. */
void enter_state(Barrier &barrier, Recorder &recorder, ArmState state, Cause cause);

/** The arm is up, or going up, for so many vehicles; whether it closes unused depends on who opened. */
void await_vehicle(Barrier &barrier, uint8_t vehicles, bool closes_unused);

/** Decides to drive the arm up from wherever it is, and records it; pulse_waiting_raise() then gives the pulse. */
void raise(Barrier &barrier, Recorder &recorder, Cause cause, uint16_t sequence);

/** Gives the pulse of a raise that was decided, once the relays have rested or the matter is urgent. */
void pulse_waiting_raise(Barrier &barrier, uint32_t now);

/** Forgets a raise whose pulse was not given yet: the arm goes on as before, which may be down. */
void abandon_waiting_raise(Barrier &barrier);

/** Drives the arm down. The caller has made sure that it may come down and that the relays have rested. */
void lower(Barrier &barrier, Recorder &recorder, Cause cause);

/** Draws conclusions from the limit switches: arrivals, and motions that nobody asked for. */
void follow_limits(Barrier &barrier, Recorder &recorder, uint8_t raw, uint8_t inputs, uint8_t changed);

/** Ends a motion that takes too long, with a fault. */
void watch_motion(Barrier &barrier, Recorder &recorder, uint8_t inputs);

} // namespace palang

#endif
