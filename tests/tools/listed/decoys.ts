/** A tool as a client's search for tools sees it. */
export interface SearchedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Words to find it by; empty: none. */
  readonly hint: string;
}

/** Tools of other servers that an assistant may have beside the hub's, in the manner of such tools. */
export const DECOYS: readonly SearchedTool[] = Object.entries({
  read_text_file: "Read the complete contents of a file from the local file system as text",
  read_multiple_files: "Read the contents of several local files at once",
  write_file: "Create a new local file or completely overwrite an existing file with new content",
  edit_file: "Make line-based edits to a local text file. Each edit replaces exact line sequences",
  move_file: "Move or rename files and directories. Fails if the destination exists",
  list_directory: "Get a detailed listing of all files and directories in a specified path",
  directory_tree: "Get a recursive tree view of files and directories as JSON",
  search_files:
    "Recursively search for files and directories matching a pattern, below a start path",
  get_file_info: "Retrieve detailed metadata about a file: size, permissions and time of change",
  git_status: "Show the working tree status of a repository",
  git_diff_unstaged: "Show changes in the working directory that are not yet staged",
  git_commit: "Record changes to the repository with a commit message",
  git_log: "Show the commit logs of a repository",
  create_pull_request: "Create a new pull request in a GitHub repository",
  list_issues: "List and filter issues of a GitHub repository",
  search_code: "Search for code across GitHub repositories",
  get_workflow_run_logs: "Download the logs of a workflow run to see why a build failed",
  rerun_failed_jobs: "Start the failed jobs of a workflow run again",
  slack_post_message: "Post a new message to a Slack channel",
  slack_get_channel_history: "Get recent messages from a Slack channel",
  gmail_search_threads: "Search the user's mail threads with a Gmail query",
  gmail_create_draft: "Create a draft of an email",
  calendar_list_events: "List the events of a calendar within a time range",
  drive_search_files: "Search for files in Google Drive by name or content",
  drive_copy_file: "Copy a file in Google Drive to another folder",
  jira_create_issue: "Create an issue in a Jira project",
  jira_search: "Search Jira issues with JQL",
  notion_update_page: "Update properties or content of a Notion page",
  postgres_query: "Run a read-only SQL query against the connected database server",
  sqlite_write_query: "Execute an INSERT, UPDATE or DELETE statement on the SQLite database",
  browser_navigate: "Navigate the browser to a URL",
  browser_click: "Click an element on the web page",
  browser_take_screenshot: "Take a screenshot of the current page",
  fetch: "Fetch a URL from the internet and extract its contents as markdown",
  web_search: "Search the web for up-to-date information",
  docker_list_containers: "List the Docker containers that run on this machine",
  docker_container_logs: "Fetch the last lines of a container's log",
  pods_list: "List all Kubernetes pods in the current cluster",
  pods_exec: "Execute a command in a Kubernetes pod in the current namespace",
  nodes_top: "Show CPU and memory of the cluster's nodes",
  query_loki_logs: "Run a LogQL query against Loki and return matching log lines",
  list_alert_rules: "List Grafana alert rules and which of them are firing",
  sentry_search_issues: "Search for errors and their stack traces in Sentry",
  create_entities: "Create multiple new entities in the knowledge graph of the memory",
  sequential_thinking: "Think through a problem in steps that can be revised",
  cloudwatch_get_metric_data: "Get metrics such as CPU use or disk space of AWS resources",
  s3_upload_object: "Upload a file to an S3 bucket",
  ec2_describe_instances: "Describe the EC2 instances of the AWS account and their state",
  linear_list_projects: "List the projects of the Linear workspace",
  stripe_list_customers: "List customers of the Stripe account",
}).map(([name, description]) => ({ name, title: "", description, hint: "" }));
