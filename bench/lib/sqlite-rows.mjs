import { openDatabase } from '../../packages/server/dist/sqlite/database.js'

/** The plain way: a row of SQLite for each point, all jobs in one file, with Plotline's own settings (WAL, synchronous=FULL). */
export function openSqliteRows(path) {
  const db = openDatabase(path)
  db.exec(`CREATE TABLE IF NOT EXISTS series(id INTEGER PRIMARY KEY, job TEXT, name TEXT, UNIQUE(job, name));
    CREATE TABLE IF NOT EXISTS point(series INTEGER, t INTEGER, value REAL, PRIMARY KEY(series, t)) WITHOUT ROWID;`)
  const addSeries = db.prepare('INSERT OR IGNORE INTO series(job, name) VALUES (?, ?)')
  const seriesOf = db.prepare('SELECT id FROM series WHERE job=? AND name=?')
  const insert = db.prepare('INSERT OR REPLACE INTO point(series, t, value) VALUES (?, ?, ?)')
  const drop = db.prepare('DELETE FROM point WHERE series IN (SELECT id FROM series WHERE job=?)')
  const drawn =
    db.prepare(`SELECT t / CAST(?1 AS INTEGER) AS cell, min(value), max(value), sum(value), count(*)
    FROM point WHERE series=?2 AND t>=?3 AND t<?4 GROUP BY cell`)
  const points = db.prepare('SELECT t, value FROM point WHERE series=? ORDER BY t')
  return {
    seriesId(job, name) {
      addSeries.run(job, name)
      return seriesOf.get(job, name).id
    },
    /** One transaction: point i of each column belongs to series[i]. */
    append(series, t, values) {
      db.transaction(() => {
        for (let i = 0; i < series.length; i++) insert.run(series[i], t[i], values[i])
      })
    },
    /** Buckets of `gridMs`. */
    draw: (series, from, to, gridMs) => drawn.all(gridMs, series, from, to),
    /** All of them at once. */
    points: (series) => points.all(series),
    deleteJob: (job) => void drop.run(job),
    checkpoint: () => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
    close: () => db.close(),
  }
}
