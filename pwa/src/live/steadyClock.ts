/**
 * A clock for ages: epoch ms at its first reading, and from then on never slower than either source. A tablet's wall clock can be
 * set back, which would make old values look young; its monotonic clock may stand still while the tablet sleeps, with the same effect.
 */
export function steadyClock(wall: () => number, monotonic: () => number): () => number {
  let [lastWall, lastMonotonic] = [wall(), monotonic()];
  let time = lastWall;
  return () => {
    const [nowWall, nowMonotonic] = [wall(), monotonic()];
    time += Math.max(0, nowWall - lastWall, nowMonotonic - lastMonotonic);
    [lastWall, lastMonotonic] = [nowWall, nowMonotonic];
    return time;
  };
}
