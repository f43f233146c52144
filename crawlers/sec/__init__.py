"""SEC EDGAR: the list of companies, what each submitted, and Exhibit 21 (subsidiaries) of annual reports.

Source: SEC's developer pages (company_tickers.json, data.sec.gov/submissions), Regulation S-K Item 601(b)(21).
"""

from typing import Final

TICKERS_PARSER: Final = "sec_tickers"
SUBMISSIONS_PARSER: Final = "sec_submissions"
EXHIBIT_PARSER: Final = "sec_exhibit21"
