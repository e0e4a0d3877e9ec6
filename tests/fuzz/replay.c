/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over stored inputs as a plain test. Arguments are files and folders (one level
 * deep); without any, the folder is tests/fuzz/corpus/NAME for a program called corpus_NAME. A
 * target fails by crashing, so what is counted is what it survived; an empty corpus is a failure.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX ((size_t)4 << 20) /* bytes of one stored input */
#define PATH_SIZE 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct count {
	unsigned passed, failed;
};

/* The bytes of a file in a block of exactly their size, so that a sanitizer sees the first byte
 * read too far; NULL when it cannot be read. */
static uint8_t *read_input(FILE *file, size_t *ret_size)
{
	struct stat status;
	if (fstat(fileno(file), &status) || !S_ISREG(status.st_mode) ||
		(size_t)status.st_size > INPUT_MAX)
		return NULL;
	size_t size = (size_t)status.st_size;
	uint8_t *bytes = malloc(size ? size : 1);
	if (bytes && fread(bytes, 1, size, file) != size) {
		free(bytes);
		return NULL;
	}
	*ret_size = size;
	return bytes;
}

static void replay_file(const char *path, struct count *count)
{
	size_t size = 0;
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = file ? read_input(file, &size) : NULL;
	if (file)
		(void)fclose(file);
	if (!bytes) {
		fprintf(stderr, "%s: cannot be read, or larger than %zu bytes\n", path, INPUT_MAX);
		count->failed++;
		return;
	}
	(void)LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	count->passed++;
}

static void replay_folder(const char *path, struct count *count)
{
	DIR *folder = opendir(path);
	if (!folder) {
		replay_file(path, count);
		return;
	}
	for (struct dirent *entry; (entry = readdir(folder));) {
		char name[PATH_SIZE];
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) < PATH_SIZE)
			replay_file(name, count);
		else
			count->failed++;
	}
	(void)closedir(folder);
}

/* What follows "corpus_" in the program's name. */
static void replay_own_corpus(const char *program, struct count *count)
{
	char path[PATH_SIZE];
	const char *base = strrchr(program, '/');
	const char *name = strstr(base ? base : program, "corpus_");
	if (!name) {
		fprintf(stderr, "usage: %s FILE-OR-FOLDER...\n", program);
		count->failed++;
		return;
	}
	(void)snprintf(path, sizeof(path), "tests/fuzz/corpus/%s", name + strlen("corpus_"));
	replay_folder(path, count);
}

int main(int argc, char **argv)
{
	struct count count = {0, 0};
	for (int i = 1; i < argc; i++)
		replay_folder(argv[i], &count);
	if (argc < 2)
		replay_own_corpus(argv[0], &count);
	printf("%u passed, %u failed\n", count.passed, count.failed);
	return count.failed > 0 || count.passed == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
