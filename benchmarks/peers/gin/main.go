// The API's read, list and write as a Go service: Gin, pgx and golang-jwt.
//
// Two forms: the usual one sends BEGIN, the context, the call and COMMIT one after another; with
// -batch all of them go in one trip (pgx.Batch). With -structs it makes the records' JSON itself, and
// with -cache it answers products from Redis.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"net/http"
	"os"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

const (
	userGet    = `select row_to_json(u)::text from api.user_get($1) as u`
	userList   = `select coalesce(json_agg(row_to_json(u)), '[]')::text from api.user_list("limit" => $1) as u`
	userUpdate = `select row_to_json(u)::text from api.user_update($1, full_name => $2) as u`
	recordList = `select coalesce(json_agg(row_to_json(r)), '[]')::text from bench.record_list($1) as r`
	recordRows = `select * from bench.record_list($1)`
	setContext = `select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)`
)

// database answers one call as the caller, in a transaction of its own.
type database interface {
	call(ctx context.Context, who caller, readOnly bool, sql string, args ...interface{}) (*string, error)
	records(c *gin.Context, count int64)
}

func main() {
	batch := flag.Bool("batch", false, "send a whole transaction in one trip")
	inStructs := flag.Bool("structs", false, "read records into structs")
	kept := flag.String("cache", "", "answer products from Redis: fenced or plain")
	flag.Parse()
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	size, err := strconv.Atoi(os.Getenv("POOL_SIZE"))
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = int32(size)
	if *batch {
		config.AfterConnect = prepareAll
	}
	pool, err := pgxpool.ConnectConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	var db database = usual{pool}
	if *batch {
		db = batched{pool}
	} else if *inStructs {
		db = structs{usual{pool}}
	}
	gin.SetMode(gin.ReleaseMode)
	router, api := routes(db)
	if *kept != "" {
		products, err := newCache(db, *kept == "fenced")
		if err != nil {
			log.Fatal(err)
		}
		api.GET("/products/:product_id", products.product)
	}
	log.Fatal(router.Run("127.0.0.1:" + os.Getenv("PORT")))
}

func routes(db database) (*gin.Engine, *gin.RouterGroup) {
	router := gin.New()
	router.Use(gin.Recovery())
	api := router.Group("/api/v1", authenticate([]byte(os.Getenv("JWT_SECRET"))))
	api.GET("/users/:user_id", func(c *gin.Context) {
		if id, ok := integer(c, c.Param("user_id")); ok {
			answer(c, db, true, userGet, id)
		}
	})
	api.GET("/users", func(c *gin.Context) {
		if limit, ok := integer(c, c.DefaultQuery("limit", "20")); ok {
			answer(c, db, true, userList, limit)
		}
	})
	api.PATCH("/users/:user_id", func(c *gin.Context) {
		id, ok := integer(c, c.Param("user_id"))
		if !ok {
			return
		}
		var change struct {
			FullName string `json:"full_name" binding:"required,max=200"`
		}
		if err := c.ShouldBindJSON(&change); err != nil {
			c.AbortWithStatusJSON(http.StatusUnprocessableEntity, gin.H{"error": err.Error()})
			return
		}
		answer(c, db, false, userUpdate, id, change.FullName)
	})
	api.GET("/bench/records", func(c *gin.Context) {
		if records, ok := integer(c, c.Query("records")); ok {
			db.records(c, records)
		}
	})
	return router, api
}

func integer(c *gin.Context, text string) (int64, bool) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		c.AbortWithStatusJSON(http.StatusUnprocessableEntity, gin.H{"error": "not an integer"})
	}
	return number, err == nil
}

func answer(c *gin.Context, db database, readOnly bool, sql string, args ...interface{}) {
	who := c.MustGet("caller").(caller)
	body, err := db.call(c.Request.Context(), who, readOnly, sql, args...)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && body == nil) {
		c.AbortWithStatusJSON(http.StatusNotFound, gin.H{"error": "not found"})
		return
	}
	if err != nil {
		log.Print(err)
		c.AbortWithStatusJSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	c.Data(http.StatusOK, "application/json", []byte(*body))
}
