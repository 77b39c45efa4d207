// The drawing itself: a canvas, what stands in it, the viewer, and what a finger points at.

import {
  Box3, Box3Helper, Color, MathUtils, Object3D, PerspectiveCamera, Raycaster, Scene, Vector2, Vector3, WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { Labels } from "./labels.js";
import { Shapes, forget, makeMeshes } from "./meshes.js";
import { Seat } from "./seats.js";

const MOST_PIXELS_A_POINT = 2;
const MARK = 0xe8590c;

export class Stage {
  /** Draw a parcel into a canvas; `changed` is called when the viewer has moved and it should be drawn again. */
  constructor(canvas, parcel, language, changed) {
    const { head } = parcel;
    this.canvas = canvas;
    this.head = head;
    this.bySoftware = drawnBySoftware();
    // What nothing shines through is laid on the page with less work.
    const wanted = { alpha: false, antialias: !this.bySoftware, powerPreference: "high-performance" };
    this.renderer = new WebGLRenderer({ canvas, context: canvas.getContext("webgl2", wanted) });
    this.seat = new Seat(this.renderer, changed);
    this.sharpness = Math.min(window.devicePixelRatio, MOST_PIXELS_A_POINT);
    this.renderer.setPixelRatio(this.sharpness);
    this.renderer.sortObjects = true;
    this.scene = new Scene();
    this.scene.background = new Color(head.background);
    this.clock = new Object3D();
    this.clock.matrixAutoUpdate = false;
    this.meshes = makeMeshes(parcel, this.bySoftware);
    this.lively = [];
    this.shapes = new Shapes();
    this.shapes.learn(parcel);
    if (this.meshes.length) this.clock.add(...this.meshes);
    this.scene.add(this.clock);
    this.camera = new PerspectiveCamera(head.camera.angle, head.aspect, 0.5, 4000);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.maxPolarAngle = 1.52;
    this.controls.addEventListener("change", changed);
    this.height = canvas.clientHeight || 1;
    this.home();
    this.boxes = head.targets.map(({ low, high }) => new Box3(new Vector3(...low), new Vector3(...high)));
    this.mark = new Box3Helper(new Box3(), MARK);
    this.mark.visible = false;
    this.scene.add(this.mark);
    this.labels = new Labels(head.labels, language);
    canvas.after(this.labels.root);
  }

  /** Put the viewer where the scene wants to be seen from. */
  home() {
    const { eye, target } = this.head.camera;
    this.camera.up.set(0, 1, 0);
    this.camera.position.fromArray(eye);
    this.controls.target.fromArray(target);
    this.controls.update();
  }

  /** Look straight down on everything. */
  plan() {
    const bounds = new Box3();
    for (const box of this.boxes) bounds.union(box);
    if (bounds.isEmpty()) return;
    const middle = bounds.getCenter(new Vector3());
    const size = bounds.getSize(new Vector3());
    const half = Math.tan(MathUtils.degToRad(this.camera.fov / 2));
    const away = Math.max(size.z / 2 / half, size.x / 2 / half / this.camera.aspect) * 1.12;
    // Not quite straight: a viewer above the target would not know which way is up.
    this.camera.position.set(middle.x, bounds.max.y + away, middle.z + away * 0.001);
    this.controls.target.copy(middle);
    this.controls.update();
  }

  /** Write the names in a language. */
  name(language) {
    this.labels.name(language);
  }

  /** Draw with a share of the pixels along each side, 1 for all. */
  sharpen(share) {
    this.renderer.setPixelRatio(this.sharpness * share);
  }

  /** Fit the picture to its place on the page. */
  resize(width, height) {
    this.height = height;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    const half = Math.tan(MathUtils.degToRad(this.head.camera.angle / 2));
    const wider = Math.max(1, this.head.aspect / this.camera.aspect);
    this.camera.fov = MathUtils.radToDeg(2 * Math.atan(half * wider));
    this.camera.updateProjectionMatrix();
  }

  /** Show a moment of a live plant in place of what moved before. */
  replace(parcel) {
    const before = this.lively.length ? this.lively : this.meshes.filter((mesh) => mesh.userData.shown);
    this.meshes = this.meshes.filter((mesh) => !mesh.userData.shown);
    this.clock.remove(...before);
    for (const mesh of before) mesh.geometry.dispose();
    this.lively = this.shapes.make(parcel);
    if (this.lively.length) this.clock.add(...this.lively);
  }

  /** Draw the scene as it is at a time, seconds from the window's start. */
  draw(time_s, speed) {
    if (!this.seat.held) return; // it is drawn when it has come into view
    for (const mesh of [...this.meshes, ...this.lively]) {
      const shown = mesh.userData.shown;
      mesh.visible = !shown || (shown[0] <= time_s && time_s < shown[1]);
    }
    this.clock.matrix.makeScale(1, 1, speed).setPosition(0, time_s, 0);
    this.clock.matrixWorldNeedsUpdate = true;
    this.labels.fit(this.camera, this.height);
    this.renderer.render(this.scene, this.camera);
  }

  /** Return the number of the target under a point of the canvas, or -1. */
  targetAt(x, y) {
    const { width, height } = this.canvas.getBoundingClientRect();
    const ray = new Raycaster();
    ray.setFromCamera(new Vector2((2 * x) / width - 1, 1 - (2 * y) / height), this.camera);
    let nearest = Infinity;
    let found = -1;
    const hit = new Vector3();
    this.boxes.forEach((box, number) => {
      if (!ray.ray.intersectBox(box, hit)) return;
      const away = hit.distanceTo(ray.ray.origin);
      if (away < nearest) [nearest, found] = [away, number];
    });
    return found;
  }

  /** Frame a target by its number, or none by -1. */
  markTarget(number) {
    this.mark.visible = number >= 0;
    if (number >= 0) this.mark.box.copy(this.boxes[number]);
  }

  /** Turn the viewer around the target, radians, or come nearer by a factor below 1. */
  turn(around, over, nearer = 1) {
    this.controls.rotateLeft(around);
    this.controls.rotateUp(over);
    if (nearer !== 1) this.controls.dollyIn(nearer);
    this.controls.update();
  }

  /** Give back all that the graphics processor holds. */
  dispose() {
    forget([...this.meshes, ...this.lively]);
    this.controls.dispose();
    this.seat.leave();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }
}

/** Tell whether no graphics processor is there; smooth edges then cost half of all frames. */
function drawnBySoftware() {
  const probe = document.createElement("canvas").getContext("webgl2");
  const known = probe?.getExtension("WEBGL_debug_renderer_info");
  const name = known ? probe.getParameter(known.UNMASKED_RENDERER_WEBGL) : "";
  probe?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software/i.test(name);
}
