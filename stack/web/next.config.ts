import type { NextConfig } from "next";

const config: NextConfig = {
  output: "standalone",
  // Nginx compresses in front of this server, at less CPU.
  compress: false,
  poweredByHeader: false,
  images: { unoptimized: true },
  outputFileTracingRoot: import.meta.dirname,
  // No image is optimised, so the native image library need not ship.
  outputFileTracingExcludes: { "*": ["node_modules/@img/**", "node_modules/sharp/**"] },
};

export default config;
