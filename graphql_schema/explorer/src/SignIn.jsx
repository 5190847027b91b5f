import { useEffect, useState } from 'react';

async function readJson(response) {
  if (!response.ok) {
    throw new Error(`${response.url}: ${response.status}`);
  }
  return response.json();
}

// A ready sign-in as one of the demo people; the two routes exist in development only.
export function SignIn({ session, onError }) {
  const [people, setPeople] = useState([]);
  const [nick, setNick] = useState('');

  useEffect(() => {
    fetch('/dev/people').then(readJson).then(setPeople).catch((error) => onError(String(error)));
  }, [onError]);

  async function choose(event) {
    const chosen = event.target.value;
    setNick(chosen);
    session.accessToken = null;
    onError(null);
    if (!chosen) {
      return;
    }
    try {
      const answer = await readJson(await fetch(`/dev/token?as=${encodeURIComponent(chosen)}`, { method: 'POST' }));
      session.accessToken = answer.accessToken;
    } catch (error) {
      setNick('');
      onError(String(error));
    }
  }

  return (
    <header>
      <label>
        Войти как / sign in as{' '}
        <select value={nick} onChange={choose} data-signed-in={nick}>
          <option value="">никто / nobody</option>
          {people.map((person) => (
            <option key={person.nick} value={person.nick}>
              {person.label}
            </option>
          ))}
        </select>
      </label>
    </header>
  );
}
