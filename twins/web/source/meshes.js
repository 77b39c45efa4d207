// Makes three.js meshes of a parcel. The vertex programs place every copy by the clock on which all meshes hang.

import {
  BackSide, BufferAttribute, BufferGeometry, FrontSide, InstancedBufferAttribute, InstancedBufferGeometry, Mesh, ShaderMaterial,
} from "three";
import { array } from "./parcel.js";

const BYTES = new Set(["i1", "u1"]); // they stand for -1 to 1, or 0 to 1

/** Return the meshes; those that have the same shape or program share it. */
export function makeMeshes({ head, block }) {
  const materials = head.programs.map(
    ({ vertex, fragment }) => new ShaderMaterial({ vertexShader: vertex, fragmentShader: fragment }),
  );
  const corners = new Map();
  const corner = (place) => {
    const [offset, , kind, items] = place;
    if (!corners.has(offset)) corners.set(offset, new BufferAttribute(array(block, place), items, BYTES.has(kind)));
    return corners.get(offset);
  };
  return head.meshes.map((packed) => {
    const copies = Object.entries(packed.copies);
    const geometry = copies.length ? new InstancedBufferGeometry() : new BufferGeometry();
    geometry.setIndex(corner(packed.index));
    for (const [name, place] of Object.entries(packed.corners)) geometry.setAttribute(name, corner(place));
    for (const [name, place] of copies) geometry.setAttribute(name, new InstancedBufferAttribute(array(block, place), 1));
    if (copies.length) geometry.instanceCount = copies[0][1][1];
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
      const geometry = new InstancedBufferGeometry();
      geometry.setIndex(triangles);
      for (const [key, attribute] of attributes) geometry.setAttribute(key, attribute);
      for (const [key, place] of Object.entries(copies)) {
        geometry.setAttribute(key, new InstancedBufferAttribute(array(block, place), 1));
      }
      geometry.instanceCount = Object.values(copies)[0][1];
      const mesh = new Mesh(geometry, material);
      mesh.name = name;
      mesh.frustumCulled = false;
      return mesh;
    });
  }
}

/** Free what the meshes hold on the graphics processor; what they share with others is made anew when it is needed. */
export function forget(meshes) {
  for (const mesh of meshes) {
    mesh.geometry.dispose();
    mesh.material.dispose();
  }
}
