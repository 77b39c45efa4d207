// Draws fewer pixels while something moves and frames come too slowly, as they do without a graphics processor.

const SLOW_S = 1 / 18, QUICK_S = 1 / 45; // time from frame to frame beyond which there are fewer pixels, or more again
const SHARES = [1, 0.75, 0.5];
const FRAMES = 8; // that are looked at before anything is changed

export class Haste {
  constructor(stage) {
    this.stage = stage;
    this.step = 0;
    this.sharp = false;
    this.forget();
  }

  /** Take note of the time that a frame took, while it plays. */
  frame(elapsed_s) {
    this.passed_s += elapsed_s;
    this.count += 1;
    if (this.count < FRAMES) return;
    const mean_s = this.passed_s / this.count;
    this.forget();
    if (this.sharp) return;
    if (mean_s > SLOW_S && this.step < SHARES.length - 1) this.step += 1;
    else if (mean_s < QUICK_S && this.step > 0) this.step -= 1;
    else return;
    this.stage.sharpen(SHARES[this.step]);
  }

  /** At rest everything is drawn in full. */
  rest() {
    this.forget();
    this.stage.sharpen(1);
  }

  /** It moves again. */
  move() {
    this.forget();
    this.stage.sharpen(SHARES[this.step]);
  }

  forget() {
    this.passed_s = 0;
    this.count = 0;
  }
}
