import { test } from 'vitest';
import { createMatrix } from '../../src/testing/index.js';

/** Runs a body for each transport and era where its sentence has to hold. */
export const matrix = createMatrix({ test });
