// Browsers keep some 16 drawings alive on a page and throw away the oldest. Ours take turns: of more than a few, those
// that nobody sees give back what they hold of the graphics processor, and get it again when they come into view.

const MOST = 8;

// All views of a page share the seats, though each brings a module of its own. The one that was seen last stands last.
const seats = (globalThis[Symbol.for("shixun.seats")] ??= new Set());

export class Seat {
  /**
   * Take a seat for a renderer.
   * @param renderer of three.js, which makes everything anew when its canvas can be drawn on again
   * @param again called when that is so
   */
  constructor(renderer, again) {
    this.renderer = renderer;
    this.seen = false;
    this.held = true;
    const canvas = renderer.domElement;
    canvas.addEventListener("webglcontextlost", () => {
      this.held = false;
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.held = true;
      free();
      again();
    });
    seats.add(this);
    free();
  }

  /** Note whether somebody sees the canvas. */
  see(seen) {
    this.seen = seen;
    if (!seen) return;
    seats.delete(this);
    seats.add(this);
    if (!this.held) this.renderer.forceContextRestore();
    free();
  }

  /** Leave for good. */
  leave() {
    seats.delete(this);
  }
}

/** Let go of those out of view, the longest unseen first, until there are few enough. */
function free() {
  let over = [...seats].filter(({ held }) => held).length - MOST;
  for (const seat of seats) {
    if (over <= 0) return;
    if (seat.seen || !seat.held) continue;
    seat.held = false;
    seat.renderer.forceContextLoss();
    over -= 1;
  }
}
