/** A PKCS#11 library that is another one, but takes its time for C_SignInit. */
import { execFileSync } from 'node:child_process';

/** PKCS#11 v2.40: the place of C_SignInit in CK_FUNCTION_LIST. */
const SIGN_INIT = 42;

const source = (library: string, milliseconds: number): string => `
  #include <dlfcn.h>
  #include <unistd.h>
  typedef unsigned long (*init)(unsigned long, void *, unsigned long);
  static struct { unsigned char version[2]; void *functions[68]; } list;
  static init original;
  static unsigned long slow(unsigned long session, void *mechanism, unsigned long key) {
    usleep(${String(milliseconds * 1000)});
    return original(session, mechanism, key);
  }
  unsigned long C_GetFunctionList(void **result) {
    void *library = dlopen("${library}", RTLD_NOW);
    unsigned long (*of)(void *) = library ? dlsym(library, "C_GetFunctionList") : 0;
    void *other;
    if (!of || of(&other)) return 5;
    __builtin_memcpy(&list, other, sizeof list);
    original = (init)list.functions[${String(SIGN_INIT)}];
    list.functions[${String(SIGN_INIT)}] = slow;
    *result = &list;
    return 0;
  }
`;

/**
 * @param file where to put it; the compiler is there because the native modules of this project need it
 * @param library path of the other one
 */
export function makeSlowModule(file: string, library: string, milliseconds: number): void {
  const arguments_ = ['-shared', '-fPIC', '-x', 'c', '-o', file, '-', '-ldl'];
  execFileSync('cc', arguments_, { input: source(library, milliseconds) });
}
