package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v4"
	"gopkg.in/redis.v5"
)

const (
	productGet   = `select row_to_json(p)::text from api.product_get($1) as p`
	productsTTL  = 5 * time.Minute
	versionsTTL  = 24 * time.Hour
	versionBytes = 8
)

// cache keeps the product that was read in Redis, for each role. With a fence the entry counts only
// under the versions of its tags, which lie beside it and are read with it in one MGET; without one
// it counts for its time, whatever changes.
type cache struct {
	db     database
	client *redis.Client
	fenced bool
}

func newCache(db database, fenced bool) (*cache, error) {
	options, err := redis.ParseURL(os.Getenv("REDIS_URL"))
	if err != nil {
		return nil, err
	}
	if options.PoolSize, err = strconv.Atoi(os.Getenv("REDIS_POOL_SIZE")); err != nil {
		return nil, err
	}
	return &cache{db, redis.NewClient(options), fenced}, nil
}

func (store *cache) product(c *gin.Context) {
	id, ok := integer(c, c.Param("product_id"))
	if !ok {
		return
	}
	body, err := store.kept(c, id)
	if errors.Is(err, pgx.ErrNoRows) {
		c.AbortWithStatusJSON(http.StatusNotFound, gin.H{"error": "not found"})
		return
	}
	if err != nil {
		log.Print(err)
		c.AbortWithStatusJSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	c.Data(http.StatusOK, "application/json", []byte(body))
}

func (store *cache) kept(c *gin.Context, id int64) (string, error) {
	who := c.MustGet("caller").(caller)
	number := strconv.FormatInt(id, 10)
	entry := "gin:e:product:" + who.role + ":" + number
	if !store.fenced {
		return store.plain(c.Request.Context(), who, entry, id)
	}
	tags := []string{"gin:v:product:" + number, "gin:v:product:*", "gin:v:*"}
	found, err := store.client.MGet(entry, tags[0], tags[1], tags[2]).Result()
	if err != nil {
		return "", err
	}
	kept, _ := found[0].(string)
	versions, known := joined(found[1:])
	if known && len(kept) > len(versions) && kept[:len(versions)] == versions {
		return kept[len(versions):], nil
	}
	// Versions first, then the database: what changes in between ends the entry at once.
	if versions, err = store.ensure(tags); err != nil {
		return "", err
	}
	body, err := store.read(c.Request.Context(), who, id)
	if err != nil {
		return "", err
	}
	return body, store.client.Set(entry, versions+body, productsTTL).Err()
}

func (store *cache) plain(ctx context.Context, who caller, entry string, id int64) (string, error) {
	entry += ":plain"
	body, err := store.client.Get(entry).Result()
	if err != redis.Nil {
		return body, err
	}
	if body, err = store.read(ctx, who, id); err != nil {
		return "", err
	}
	return body, store.client.Set(entry, body, productsTTL).Err()
}

func (store *cache) read(ctx context.Context, who caller, id int64) (string, error) {
	body, err := store.db.call(ctx, who, true, productGet, id)
	if err == nil && body == nil {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return "", err
	}
	return *body, nil
}

// ensure makes a version for each tag that has none, and gives them all.
func (store *cache) ensure(tags []string) (string, error) {
	pipeline := store.client.Pipeline()
	defer pipeline.Close()
	for _, tag := range tags {
		version := make([]byte, versionBytes)
		if _, err := rand.Read(version); err != nil {
			return "", err
		}
		pipeline.SetNX(tag, string(version), versionsTTL)
	}
	made := pipeline.MGet(tags...)
	if _, err := pipeline.Exec(); err != nil {
		return "", err
	}
	versions, known := joined(made.Val())
	if !known {
		return "", errors.New("a version is gone at once")
	}
	return versions, nil
}

func joined(found []interface{}) (string, bool) {
	versions := make([]byte, 0, 3*versionBytes)
	for _, each := range found {
		version, ok := each.(string)
		if !ok {
			return "", false
		}
		versions = append(versions, version...)
	}
	return string(versions), true
}
