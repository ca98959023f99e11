// go run make_video.go PORTRAIT VOICE OUT.mp4 - standard library only; ORATOR_URL and ORATOR_API_KEY in the environment.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

type failure struct{ Code, Message string }

type job struct {
	TaskID string `json:"task_id"`
	Status string
	Error  failure
	Result struct {
		Seconds float64 `json:"duration_seconds"`
	}
}

func server() string {
	if url := os.Getenv("ORATOR_URL"); url != "" {
		return strings.TrimRight(url, "/")
	}
	return "http://127.0.0.1:8080"
}

// One request. Busy servers and rate limits are asked again when they say.
func ask(method, path string, body []byte, kind string) []byte {
	for attempt := 0; ; attempt++ {
		request, err := http.NewRequest(method, server()+path, bytes.NewReader(body))
		if err != nil {
			log.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+os.Getenv("ORATOR_API_KEY"))
		if kind != "" {
			request.Header.Set("Content-Type", kind)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		content, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			log.Fatal(err)
		}
		if answer.StatusCode < 300 {
			return content
		}
		var wrong struct{ Error failure }
		json.Unmarshal(content, &wrong)
		if answer.StatusCode != 429 && answer.StatusCode != 503 || attempt == 5 {
			log.Fatalf("%s: %s", wrong.Error.Code, wrong.Error.Message)
		}
		seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		if err != nil {
			seconds = 1 << attempt
		}
		time.Sleep(time.Duration(seconds) * time.Second)
	}
}

func form(fields, files map[string]string) ([]byte, string) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		w.WriteField(name, value)
	}
	for name, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			log.Fatal(err)
		}
		part, _ := w.CreateFormFile(name, filepath.Base(path))
		part.Write(content)
	}
	w.Close()
	return body.Bytes(), w.FormDataContentType()
}

func main() {
	log.SetFlags(0)
	fields := map[string]string{"model": "kling-avatar-v2-standard", "prompt": "friendly presenter, warm smile"}
	body, kind := form(fields, map[string]string{"image": os.Args[1], "audio": os.Args[2]})

	var made job
	json.Unmarshal(ask("POST", "/v1/videos", body, kind), &made)
	path := "/v1/video/generations/" + made.TaskID
	for made.Status != "completed" {
		// answered when the job is over, or after 30 seconds
		json.Unmarshal(ask("GET", path+"?wait=30", nil, ""), &made)
		if made.Status == "failed" {
			log.Fatalf("%s: %s", made.Error.Code, made.Error.Message)
		}
	}
	if err := os.WriteFile(os.Args[3], ask("GET", path+"/content", nil, ""), 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Println(os.Args[3], made.Result.Seconds, "s")
}
