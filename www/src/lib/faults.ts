/** A fault as text for people. The core makes the message; here it only becomes a sentence. */
import type { Place } from '../contract/core';
import { visible } from './names';
import type { Fault } from './types';

export function sentence({ message }: Pick<Fault, 'message'>): string {
  const end = '.?:'.includes(message.slice(-1)) ? '' : '.';
  return visible(message.charAt(0).toUpperCase() + message.slice(1) + end);
}

/** `file a.onnx, byte 9, node conv1`. */
export function where(place: Place): string {
  const parts = [
    place.file && `file ${visible(place.file)}`,
    place.offset !== undefined && `byte ${place.offset}`,
    place.node && `node ${visible(place.node)}`,
    place.op && `operator ${visible(place.op)}`,
    place.value && `value ${visible(place.value)}`,
  ];
  return parts.filter(Boolean).join(', ');
}
