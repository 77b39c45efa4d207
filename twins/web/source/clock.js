// The time that is shown, in seconds from the window's start.

export class Clock {
  constructor(span_s, speed) {
    this.span_s = span_s;
    this.time_s = 0;
    this.speed = speed; // simulated seconds a second
    this.playing = false;
  }

  /** Let so many seconds of the viewer's time pass; at the window's end the clock stops. */
  pass(elapsed_s) {
    if (!this.playing) return;
    this.time_s += elapsed_s * this.speed;
    if (this.time_s >= this.span_s) {
      this.time_s = this.span_s;
      this.playing = false;
    }
  }

  /** Set the time, within the window. */
  set(time_s) {
    this.time_s = Math.min(Math.max(time_s, 0), this.span_s);
  }
}

/** Return a simulated time as h:mm:ss. */
export function clockText(time_s) {
  const seconds = Math.floor(time_s);
  const two = (number) => String(number).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
