// How answers are made: folded away, because the server's own settings suit most people.
import { SETTING_FIELDS, settingFault, type SettingTexts } from '../session/settings-form.ts'

export interface SettingsFieldsProps {
  readonly texts: SettingTexts
  readonly onTexts: (texts: SettingTexts) => void
}

export function SettingsFields({ texts, onTexts }: SettingsFieldsProps) {
  const changed = SETTING_FIELDS.filter(({ name }) => (texts[name] ?? '') !== '').length
  return (
    <details class="settings">
      <summary>Settings{changed === 0 ? '' : ` (${changed} changed)`}</summary>
      <div class="setting-list">
        {SETTING_FIELDS.map((field) => {
          const { name, label, help, placeholder, range } = field
          const fault = settingFault(field, texts)
          const helpId = `setting-${name}`
          return (
            <div key={name}>
              <label class="field">
                {label}
                <input
                  type={range === undefined ? 'text' : 'number'}
                  {...(range === undefined
                    ? {}
                    : { min: range[0], max: range[1], step: range[2] === 1 ? 1 : 'any' })}
                  value={texts[name] ?? ''}
                  placeholder={placeholder}
                  aria-describedby={helpId}
                  aria-invalid={fault !== undefined}
                  onInput={({ currentTarget }) =>
                    onTexts({ ...texts, [name]: currentTarget.value })
                  }
                />
              </label>
              <p id={helpId} class={fault === undefined ? 'hint' : 'field-fault'}>
                {fault ?? help}
              </p>
            </div>
          )
        })}
        {changed === 0 ? null : (
          <button type="button" class="quiet" onClick={() => onTexts({})}>
            Back to the server’s settings
          </button>
        )}
      </div>
    </details>
  )
}
