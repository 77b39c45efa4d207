// Makes three.js meshes of a parcel. The vertex programs place every copy by the clock on which all meshes hang.

import {
  BackSide, BufferAttribute, BufferGeometry, FrontSide, InstancedBufferAttribute, InstancedBufferGeometry, Mesh, ShaderMaterial,
} from "three";
import { array } from "./parcel.js";

const MOST_WRITTEN_OUT = 300_000; // corners, of some 70 bytes each
const BYTES = new Set(["i1", "u1"]); // they stand for -1 to 1, or 0 to 1

/** Return the meshes; those that have the same shape or program share it. `unrolled`: see `copied`. */
export function makeMeshes({ head, block }, unrolled) {
  const materials = head.programs.map(
    ({ vertex, fragment }) => new ShaderMaterial({ vertexShader: vertex, fragmentShader: fragment }),
  );
  const known = new Map();
  const corner = (place) => {
    const [offset, , kind, items] = place;
    if (!known.has(offset)) known.set(offset, new BufferAttribute(array(block, place), items, BYTES.has(kind)));
    return known.get(offset);
  };
  return head.meshes.map((packed) => {
    const corners = Object.entries(packed.corners).map(([name, place]) => [name, corner(place)]);
    const copies = Object.entries(packed.copies).map(([name, place]) => [name, array(block, place)]);
    const geometry = (copies.length ? copied : single)(corner(packed.index), corners, copies, unrolled);
    const material = materials[packed.program];
    material.side = packed.inside_out ? BackSide : FrontSide;
    material.transparent = packed.see_through;
    const mesh = new Mesh(geometry, material);
    mesh.name = packed.name;
    mesh.frustumCulled = false; // the program decides where things are
    mesh.userData.shown = packed.shown;
    return mesh;
  });
}

/** What each kind of movers of a live plant looks like; their copies come moment after moment. */
export class Shapes {
  constructor() {
    this.known = new Map();
  }

  /** Learn the shapes of a parcel. */
  learn({ head, block }) {
    for (const [name, { vertex, fragment, corners, index }] of Object.entries(head.shapes)) {
      const attributes = Object.entries(corners).map(([key, place]) => [
        key,
        new BufferAttribute(array(block, place), place[3], BYTES.has(place[2])),
      ]);
      const triangles = new BufferAttribute(array(block, index), 1);
      this.known.set(name, { attributes, triangles, material: new ShaderMaterial({ vertexShader: vertex, fragmentShader: fragment }) });
    }
  }

  /** Tell whether everything that moves in a moment is known. */
  know({ head }) {
    return Object.keys(head.movers).every((name) => this.known.has(name));
  }

  /** Return a mesh for each kind of movers of a moment. */
  make({ head, block }) {
    return Object.entries(head.movers).map(([name, copies]) => {
      const { attributes, triangles, material } = this.known.get(name);
      const placed = Object.entries(copies).map(([key, place]) => [key, array(block, place)]);
      const geometry = instanced(triangles, attributes, placed); // for a moment only: not worth writing out
      const mesh = new Mesh(geometry, material);
      mesh.name = name;
      mesh.frustumCulled = false;
      return mesh;
    });
  }
}

function single(index, corners) {
  const geometry = new BufferGeometry();
  geometry.setIndex(index);
  for (const [name, attribute] of corners) geometry.setAttribute(name, attribute);
  return geometry;
}

function instanced(index, corners, copies) {
  const geometry = Object.assign(new InstancedBufferGeometry(), { instanceCount: copies[0][1].length });
  geometry.setIndex(index);
  for (const [name, attribute] of corners) geometry.setAttribute(name, attribute);
  for (const [name, numbers] of copies) geometry.setAttribute(name, new InstancedBufferAttribute(numbers, 1));
  return geometry;
}

/**
 * Return a shape with numbers for each copy of it.
 *
 * A graphics processor draws all copies at once. Where there is none, each copy of an instanced shape is a drawing by
 * itself, which costs more than what is drawn; written out corner by corner all of them are one.
 */
function copied(index, corners, copies, unrolled) {
  const count = copies[0][1].length;
  const size = corners[0][1].count;
  if (!unrolled || count * size > MOST_WRITTEN_OUT) return instanced(index, corners, copies);
  const triangles = new Uint32Array(count * index.count);
  for (let copy = 0; copy < count; copy += 1) {
    for (let at = 0; at < index.count; at += 1) triangles[copy * index.count + at] = copy * size + index.array[at];
  }
  const repeated = corners.map(([name, { array: numbers, itemSize, normalized }]) => {
    const all = new numbers.constructor(count * numbers.length);
    for (let copy = 0; copy < count; copy += 1) all.set(numbers, copy * numbers.length);
    return [name, new BufferAttribute(all, itemSize, normalized)];
  });
  const spread = copies.map(([name, numbers]) => {
    const all = new numbers.constructor(count * size);
    for (let copy = 0; copy < count; copy += 1) all.fill(numbers[copy], copy * size, (copy + 1) * size);
    return [name, new BufferAttribute(all, 1)];
  });
  return single(new BufferAttribute(triangles, 1), [...repeated, ...spread]);
}

/** Free what the meshes hold on the graphics processor; what they share with others is made anew when it is needed. */
export function forget(meshes) {
  for (const mesh of meshes) {
    mesh.geometry.dispose();
    mesh.material.dispose();
  }
}
