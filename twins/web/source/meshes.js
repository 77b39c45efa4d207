// Makes three.js meshes of a parcel. The vertex programs place every copy by the clock on which all meshes hang.

import { BufferAttribute, BufferGeometry, InstancedBufferAttribute, InstancedBufferGeometry, Mesh, ShaderMaterial } from "three";
import { array } from "./parcel.js";

/** Return the meshes; those that have the same shape or program share it. */
export function makeMeshes({ head, block }) {
  const materials = head.programs.map(
    ({ vertex, fragment }) => new ShaderMaterial({ vertexShader: vertex, fragmentShader: fragment }),
  );
  const corners = new Map();
  const corner = (place) => {
    const [offset, , kind, items] = place;
    if (!corners.has(offset)) corners.set(offset, new BufferAttribute(array(block, place), items, kind !== "f4"));
    return corners.get(offset);
  };
  return head.meshes.map((packed) => {
    const copies = Object.entries(packed.copies);
    const geometry = copies.length ? new InstancedBufferGeometry() : new BufferGeometry();
    for (const [name, place] of Object.entries(packed.corners)) geometry.setAttribute(name, corner(place));
    for (const [name, place] of copies) geometry.setAttribute(name, new InstancedBufferAttribute(array(block, place), 1));
    if (copies.length) geometry.instanceCount = copies[0][1][1];
    const mesh = new Mesh(geometry, materials[packed.program]);
    mesh.name = packed.name;
    mesh.frustumCulled = false; // the program decides where things are
    mesh.userData.shown = packed.shown;
    return mesh;
  });
}

/** Free what the meshes hold on the graphics processor. */
export function forget(meshes) {
  for (const mesh of meshes) {
    mesh.geometry.dispose();
    mesh.material.dispose();
  }
}
