import type { CallOptions, CampaignPage, CampaignPageOptions, CampaignStore, Segment } from "@dekhand/store";

/** All pages of a list. */
export async function* readAll<T>(
  page: (options: CampaignPageOptions) => Promise<CampaignPage<T>>,
  { signal }: CallOptions,
): AsyncGenerator<CampaignPage<T>> {
  let cursor: string | undefined;
  do {
    const read = await page({ cursor, limit: 1_000, signal });
    yield read;
    ({ cursor } = read);
  } while (cursor !== undefined);
}

/** All segments of a campaign, and the names of items that this version cannot read. */
export async function readSegments(
  campaigns: Pick<CampaignStore, "listSegments">,
  id: string,
  options: CallOptions,
): Promise<{ readonly segments: readonly Segment[]; readonly unreadable: readonly string[] }> {
  const segments: Segment[] = [];
  const unreadable: string[] = [];
  for await (const page of readAll((paging) => campaigns.listSegments(id, paging), options)) {
    segments.push(...page.entries);
    unreadable.push(...page.malformed);
  }
  return { segments, unreadable };
}
