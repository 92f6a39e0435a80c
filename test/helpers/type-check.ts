import { dirname } from 'node:path';
import ts from 'typescript';
import { isFull } from './full.js';

/** The declarations that were read before: several programs need those of Node and of the language. */
const declarations = new Map<string, ts.SourceFile | undefined>();

/**
 * What the compiler says to the project of a tsconfig.json: about its files and those of this package;
 * in `npm run test:full`, as tsc does, about the files of all libraries as well.
 */
export function typeErrorsOf(configFile: string): string {
  const { config } = ts.readConfigFile(configFile, ts.sys.readFile) as { config: unknown };
  const folder = dirname(configFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram(fileNames, options, sharingDeclarations(host));
  const found = isFull
    ? ts.getPreEmitDiagnostics(program)
    : [
        ...program.getOptionsDiagnostics(),
        ...program.getSyntacticDiagnostics(),
        ...program.getGlobalDiagnostics(),
        ...program
          .getSourceFiles()
          .filter(isOurs)
          .flatMap((file) => program.getSemanticDiagnostics(file)),
      ];
  return ts.formatDiagnostics(found, host);
}

function isOurs({ fileName }: ts.SourceFile): boolean {
  return !/\/node_modules\/(?!\.cache\/|tt-token-manager\/)/.test(fileName);
}

function sharingDeclarations(host: ts.CompilerHost): ts.CompilerHost {
  return {
    ...host,
    getSourceFile(fileName, how, ...rest) {
      if (!/\.d\.[cm]?ts$/.test(fileName)) return host.getSourceFile(fileName, how, ...rest);
      const key = `${fileName} ${typeof how === 'object' ? how.impliedNodeFormat : ''}`;
      if (!declarations.has(key)) {
        declarations.set(key, host.getSourceFile(fileName, how, ...rest));
      }
      return declarations.get(key);
    },
  };
}
