/** Two events of a stream cannot have one number. */
export function throwTaken(): never {
  throw new Error('There was another event with this number before');
}
