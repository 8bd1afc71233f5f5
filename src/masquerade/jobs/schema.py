"""The tables of the queue, in words that SQLite and PostgreSQL both take."""

from __future__ import annotations

from typing import Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS jobs (
    seq {serial} PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, spec TEXT NOT NULL,
    owner TEXT NOT NULL, folder TEXT NOT NULL, state TEXT NOT NULL, priority {int} NOT NULL,
    digest TEXT NOT NULL,
    stage TEXT NOT NULL DEFAULT '', done {int} NOT NULL DEFAULT 0, total {int}, eta_s {real},
    message TEXT NOT NULL DEFAULT '', attempts {int} NOT NULL DEFAULT 0,
    created_s {real} NOT NULL, started_s {real}, ended_s {real},
    stopping {int} NOT NULL DEFAULT 0, worker TEXT NOT NULL DEFAULT '', lease_s {real},
    result TEXT NOT NULL DEFAULT '{{}}', problem TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX IF NOT EXISTS jobs_once ON jobs (owner, digest)
    WHERE digest <> '' AND state IN ('waiting', 'running', 'done');
CREATE INDEX IF NOT EXISTS jobs_next ON jobs (state, priority, seq);
CREATE INDEX IF NOT EXISTS jobs_owner ON jobs (owner, seq);
CREATE TABLE IF NOT EXISTS needs (
    job TEXT NOT NULL, needed TEXT NOT NULL, PRIMARY KEY (job, needed)
);
CREATE INDEX IF NOT EXISTS needs_needed ON needs (needed);
CREATE TABLE IF NOT EXISTS lines (
    job TEXT NOT NULL, number {int} NOT NULL, time_s {real} NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (job, number)
);
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, size {int} NOT NULL,
    sha256 TEXT NOT NULL, created_s {real} NOT NULL, used_s {real} NOT NULL
);
CREATE INDEX IF NOT EXISTS uploads_owner ON uploads (owner, created_s);
CREATE TABLE IF NOT EXISTS access_keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
    created_s {real} NOT NULL, ended_s {real}
);
"""
