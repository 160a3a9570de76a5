//! What made GoodData call.

use flexconnect_core::Error;
use serde_json::{Map, Value};

use super::reading::Found;
use super::vocabulary::InitiatorType;

/// What made GoodData call: a look at a dashboard, an export, an automation, an alert. Which ids there are depends on
/// it, and every one of them may be missing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExecutionInitiator {
    /// What kind of occasion.
    pub initiator_type: Option<InitiatorType>,
    /// The dashboard that is shown, exported or watched.
    pub dashboard_id: Option<String>,
    /// The visualisation.
    pub visualization_id: Option<String>,
    /// The widget on the dashboard.
    pub widget_id: Option<String>,
    /// The automation that exports.
    pub automation_id: Option<String>,
    /// The format of an export somebody asked for.
    pub export_type: Option<String>,
    /// Keys that this version does not know, as they came.
    pub rest: Map<String, Value>,
}

impl ExecutionInitiator {
    pub(super) fn read(found: &Found<'_, '_>) -> Result<Self, Error> {
        let mut object = found.object()?;
        Ok(ExecutionInitiator {
            initiator_type: object.word("type")?,
            dashboard_id: object.optional_text("dashboardId")?,
            visualization_id: object.optional_text("visualizationId")?,
            widget_id: object.optional_text("widgetId")?,
            automation_id: object.optional_text("automationId")?,
            export_type: object.optional_text("exportType")?,
            rest: object.rest(),
        })
    }
}
