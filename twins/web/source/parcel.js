// Unpacks a scene that twins/parcel.py has packed.

const KINDS = { f4: Float32Array, u4: Uint32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u1: Uint8Array };

/** Return {head, block} of one piece of bytes, an ArrayBuffer. */
export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { head, block: new Uint8Array(buffer, 4 + length) };
}

/** Return the array at a place [offset, length, kind, items] of the block, without copying where it can. */
export function array(block, [offset, length, kind]) {
  const Kind = KINDS[kind];
  const begin = block.byteOffset + offset;
  if (begin % Kind.BYTES_PER_ELEMENT === 0) return new Kind(block.buffer, begin, length);
  return new Kind(block.slice(offset, offset + length * Kind.BYTES_PER_ELEMENT).buffer);
}
