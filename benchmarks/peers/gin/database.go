package main

import (
	"context"

	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

// usual is what most services do: one statement after another, pgx preparing each the first time.
type usual struct{ pool *pgxpool.Pool }

func (db usual) call(ctx context.Context, who caller, readOnly bool, sql string, args ...interface{}) (body *string, err error) {
	claims, err := who.json()
	if err != nil {
		return nil, err
	}
	options := pgx.TxOptions{}
	if readOnly {
		options.AccessMode = pgx.ReadOnly
	}
	err = db.pool.BeginTxFunc(ctx, options, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, setContext, who.role, claims); err != nil {
			return err
		}
		return tx.QueryRow(ctx, sql, args...).Scan(&body)
	})
	return body, err
}

// batched sends everything in one trip.
type batched struct{ pool *pgxpool.Pool }

func (db batched) call(ctx context.Context, who caller, readOnly bool, sql string, args ...interface{}) (body *string, err error) {
	claims, err := who.json()
	if err != nil {
		return nil, err
	}
	begin := "begin"
	if readOnly {
		begin = "begin read only"
	}
	batch := &pgx.Batch{}
	batch.Queue(begin)
	batch.Queue(setContext, who.role, claims)
	batch.Queue(sql, args...)
	batch.Queue("commit")
	err = db.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		results := conn.SendBatch(ctx, batch)
		defer results.Close()
		if _, err := results.Exec(); err != nil {
			return err
		}
		if _, err := results.Exec(); err != nil {
			return err
		}
		if err := results.QueryRow().Scan(&body); err != nil {
			return err
		}
		_, err := results.Exec()
		return err
	})
	return body, err
}

// prepareAll prepares as a role that may name the functions: a batch prepares before its first
// statement runs, so as the login, which may not.
func prepareAll(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "set role member"); err != nil {
		return err
	}
	for _, sql := range []string{"begin", "begin read only", "commit", setContext, userGet, userList, userUpdate, recordList} {
		if _, err := conn.Prepare(ctx, sql, sql); err != nil {
			return err
		}
	}
	_, err := conn.Exec(ctx, "reset role")
	return err
}
