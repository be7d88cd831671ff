// Chooses between light and dark.
import { useState } from 'preact/hooks'
import { chooseTheme, isTheme, readTheme, THEMES } from '../session/theme.ts'

const TITLES = { system: 'System theme', light: 'Light', dark: 'Dark' } as const

export function ThemeSwitch() {
  const [theme, setTheme] = useState(() => readTheme(localStorage))
  return (
    <select
      class="theme-switch"
      aria-label="Theme"
      value={theme}
      onChange={({ currentTarget: { value } }) => {
        if (!isTheme(value)) return
        chooseTheme(value, document.documentElement, localStorage)
        setTheme(value)
      }}
    >
      {THEMES.map((each) => (
        <option key={each} value={each}>
          {TITLES[each]}
        </option>
      ))}
    </select>
  )
}
