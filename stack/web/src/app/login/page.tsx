"use client";

import { useRouter } from "next/navigation";
import { useActionState, useSyncExternalStore } from "react";
import { login } from "@/lib/api";
import { storeSession } from "@/lib/session";

interface Attempt {
  name: string;
  error: string;
}

export default function LoginPage() {
  const router = useRouter();
  const live = useSyncExternalStore(subscribe, () => true, () => false);
  const [attempt, submit, pending] = useActionState(
    async (_previous: Attempt, form: FormData): Promise<Attempt> => {
      const name = String(form.get("login"));
      try {
        storeSession(await login(name, String(form.get("password"))));
        router.push("/dashboard");
        return { name, error: "" };
      } catch (error) {
        return { name, error: error instanceof Error ? error.message : String(error) };
      }
    },
    { name: "", error: "" },
  );

  return (
    <main className="login" data-loaded={live}>
      <form action={submit} className="panel">
        <h1>Connexion</h1>
        <label>
          Identifiant
          <input name="login" autoComplete="username" defaultValue={attempt.name} required minLength={3} />
        </label>
        <label>
          Mot de passe
          <input name="password" type="password" autoComplete="current-password" required minLength={6} />
        </label>
        <button type="submit" disabled={pending}>
          {pending ? "Connexion..." : "Se connecter"}
        </button>
        {attempt.error && (
          <p className="error" role="alert">
            {attempt.error}
          </p>
        )}
      </form>
    </main>
  );
}

const subscribe = () => () => {};
