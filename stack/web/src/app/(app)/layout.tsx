"use client";

import { useRouter } from "next/navigation";
import { useEffect, useMemo, type ReactNode } from "react";
import { Menu } from "@/components/menu";
import { parseUser, UserContext, useStoredUser } from "@/lib/session";

export default function SignedInLayout({ children }: { children: ReactNode }) {
  const router = useRouter();
  const stored = useStoredUser();
  const user = useMemo(() => (stored ? parseUser(stored) : null), [stored]);
  const signedOut = stored !== undefined && !user;
  useEffect(() => {
    if (signedOut) router.replace("/login");
  }, [router, signedOut]);

  if (!user) {
    return (
      <main data-loaded={false}>
        <p className="muted">Chargement...</p>
      </main>
    );
  }
  return (
    <UserContext value={user}>
      <Menu />
      {children}
    </UserContext>
  );
}
