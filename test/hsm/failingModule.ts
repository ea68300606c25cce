/** A PKCS#11 library that can be loaded and cannot be started: every function gives CKR_GENERAL_ERROR. */
import { execFileSync } from 'node:child_process';

const SOURCE = `
  static unsigned long fail(void) { return 5; }
  static struct { unsigned char version[2]; unsigned long (*functions[70])(void); } list = { { 2, 40 } };
  unsigned long C_GetFunctionList(void **result) {
    for (int at = 0; at < 70; at++) list.functions[at] = fail;
    *result = &list;
    return 0;
  }
`;

/** @param file where to put it; the compiler is there because the native modules of this project need it */
export function makeFailingModule(file: string): void {
  execFileSync('cc', ['-shared', '-fPIC', '-x', 'c', '-o', file, '-'], { input: SOURCE });
}
