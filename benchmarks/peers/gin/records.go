package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"log"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v4"
)

type day time.Time
type moment time.Time
type key [16]byte

func (d day) MarshalJSON() ([]byte, error) {
	return []byte(time.Time(d).Format(`"2006-01-02"`)), nil
}

func (m moment) MarshalJSON() ([]byte, error) {
	return []byte(time.Time(m).Format(`"2006-01-02T15:04:05.999999"`)), nil
}

func (k key) MarshalJSON() ([]byte, error) {
	text := make([]byte, 38)
	text[0], text[9], text[14], text[19], text[24], text[37] = '"', '-', '-', '-', '-', '"'
	hex.Encode(text[1:], k[:4])
	hex.Encode(text[10:], k[4:6])
	hex.Encode(text[15:], k[6:8])
	hex.Encode(text[20:], k[8:10])
	hex.Encode(text[25:], k[10:])
	return text, nil
}

type record struct {
	ID      int32           `json:"id"`
	Code    string          `json:"code"`
	Label   string          `json:"label"`
	IsOpen  bool            `json:"is_open"`
	Amount  float64         `json:"amount"`
	Ratio   float64         `json:"ratio"`
	Small   int16           `json:"small"`
	Big     int64           `json:"big"`
	Day     day             `json:"day"`
	Moment  moment          `json:"moment"`
	Instant time.Time       `json:"instant"`
	SeenAt  time.Time       `json:"seen_at"`
	Price   float64         `json:"price"`
	Key     key             `json:"key"`
	Tags    []string        `json:"tags"`
	Sizes   []int32         `json:"sizes"`
	Extra   json.RawMessage `json:"extra"`
	Note    string          `json:"note"`
	Nothing *string         `json:"nothing"`
	Letters string          `json:"letters"`
}

// PostgreSQL makes the JSON, as everywhere else here: the faster form.
func (db usual) records(c *gin.Context, count int64) {
	answer(c, db, true, recordList, count)
}

func (db batched) records(c *gin.Context, count int64) {
	answer(c, db, true, recordList, count)
}

// structs is the usual form with rows read into structs and these made JSON in Go.
type structs struct{ usual }

func (db structs) records(c *gin.Context, count int64) {
	ctx := c.Request.Context()
	who := c.MustGet("caller").(caller)
	claims, err := who.json()
	if err != nil {
		log.Print(err)
		c.AbortWithStatusJSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	found := make([]record, 0, count)
	err = db.pool.BeginTxFunc(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, setContext, who.role, claims); err != nil {
			return err
		}
		return scan(ctx, tx, count, &found)
	})
	if err != nil {
		log.Print(err)
		c.AbortWithStatusJSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	c.JSON(http.StatusOK, found)
}

func scan(ctx context.Context, tx pgx.Tx, count int64, found *[]record) error {
	rows, err := tx.Query(ctx, recordRows, count)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r record
		var onDay, at time.Time
		if err := rows.Scan(&r.ID, &r.Code, &r.Label, &r.IsOpen, &r.Amount, &r.Ratio, &r.Small, &r.Big,
			&onDay, &at, &r.Instant, &r.SeenAt, &r.Price, (*[16]byte)(&r.Key), &r.Tags, &r.Sizes,
			&r.Extra, &r.Note, &r.Nothing, &r.Letters); err != nil {
			return err
		}
		r.Day, r.Moment = day(onDay), moment(at)
		*found = append(*found, r)
	}
	return rows.Err()
}
