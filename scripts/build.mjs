import { build, ensurePackages } from './setup.mjs';

ensurePackages();
build();
