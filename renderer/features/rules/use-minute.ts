import { useEffect, useState } from 'react'

const minuteMs = 60_000
const thisMinute = (): number => Math.floor(Date.now() / minuteMs) * minuteMs

/** Unix time in milliseconds at which the present minute began. Redraws once a minute, however long the list is. */
export function useMinute(): number {
  const [minute, setMinute] = useState(thisMinute)
  useEffect(() => {
    const timer = setInterval(() => setMinute(thisMinute()), 5000)
    return () => clearInterval(timer)
  }, [])
  return minute
}
