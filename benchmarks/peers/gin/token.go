package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt"
)

type caller struct {
	role   string
	claims jwt.MapClaims
}

// json is what functions read as request.jwt.claims: made where a call needs it, not for a cache.
func (who caller) json() (string, error) {
	text, err := json.Marshal(who.claims)
	return string(text), err
}

var roles = map[string]bool{"anon": true, "member": true, "staff": true, "admin": true}

// authenticate verifies the bearer token (HS256) and keeps who calls.
func authenticate(secret []byte) gin.HandlerFunc {
	parser := jwt.Parser{ValidMethods: []string{"HS256"}}
	return func(c *gin.Context) {
		who, err := verify(&parser, secret, c.GetHeader("Authorization"))
		if err != nil {
			c.AbortWithStatusJSON(http.StatusUnauthorized, gin.H{"error": err.Error()})
			return
		}
		c.Set("caller", who)
		c.Next()
	}
}

func verify(parser *jwt.Parser, secret []byte, header string) (caller, error) {
	token := strings.TrimPrefix(header, "Bearer ")
	claims := jwt.MapClaims{}
	_, err := parser.ParseWithClaims(token, claims, func(*jwt.Token) (interface{}, error) {
		return secret, nil
	})
	if err != nil {
		return caller{}, err
	}
	role, _ := claims["role"].(string)
	if !roles[role] || !claims.VerifyAudience("penstock", true) || !claims.VerifyIssuer("penstock", true) {
		return caller{}, errors.New("the token is not valid")
	}
	return caller{role, claims}, nil
}
