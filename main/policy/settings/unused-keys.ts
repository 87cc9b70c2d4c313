import type { Shape, UnusedType } from './shape.ts'

const byType: Readonly<Record<UnusedType, string>> = {
  text: 'model review_model model_provider oss_provider model_instructions_file experimental_instructions_file instructions developer_instructions compact_prompt experimental_compact_prompt_file commit_attribution forced_login_method cli_auth_credentials_store mcp_oauth_credentials_store mcp_oauth_callback_url chatgpt_base_url openai_base_url model_reasoning_effort plan_mode_reasoning_effort model_reasoning_summary model_verbosity model_catalog_json personality service_tier sqlite_home log_dir zsh_path js_repl_node_path file_opener preferred_auth_method experimental_realtime_ws_base_url experimental_realtime_ws_backend_prompt experimental_realtime_ws_model experimental_realtime_ws_startup_context experimental_realtime_start_instructions experimental_thread_store_endpoint experimental_thread_config_endpoint',
  flag: 'hide_agent_reasoning show_raw_agent_reasoning model_supports_reasoning_summaries check_for_update_on_startup disable_paste_burst suppress_unstable_features_warning windows_wsl_setup_acknowledged include_apps_instructions include_permissions_instructions include_environment_context include_apply_patch_tool experimental_use_unified_exec_tool experimental_use_freeform_apply_patch',
  number:
    'model_context_window model_auto_compact_token_limit project_doc_max_bytes tool_output_token_limit background_terminal_max_timeout mcp_oauth_callback_port',
  table:
    'model_providers tui audio realtime tools tool_suggest agents memories skills hooks plugins marketplaces analytics feedback apps windows notice desktop ghost_snapshot auto_review debug',
  list: 'notify project_doc_fallback_filenames project_root_markers js_repl_node_module_dirs',
  any: 'forced_chatgpt_workspace_id experimental_thread_store',
}

/** Keys that Codex reads and Gatehouse accepts without using them. Source: Codex configuration reference. */
export const unusedKeys: Readonly<Record<string, Shape>> = Object.fromEntries(
  (Object.keys(byType) as UnusedType[]).flatMap((type) =>
    byType[type].split(' ').map((name): [string, Shape] => [name, { kind: 'unused', type }]),
  ),
)

/** What a folder's own file may not decide, however much the folder is trusted. */
export const notFromFolders: readonly string[] = [
  'model_provider',
  'model_providers',
  'openai_base_url',
  'chatgpt_base_url',
  'experimental_realtime_ws_base_url',
  'notify',
  'otel',
  'profile',
  'profiles',
  'projects',
  'gatehouse',
]
