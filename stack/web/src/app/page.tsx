"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { useStoredUser } from "@/lib/session";

// The redirect is the browser's: this address must answer 200, the health check asks for it.
export default function Home() {
  const router = useRouter();
  const stored = useStoredUser();
  useEffect(() => {
    if (stored !== undefined) router.replace(stored ? "/dashboard" : "/login");
  }, [router, stored]);
  return (
    <main>
      <p className="muted">Chargement...</p>
    </main>
  );
}
