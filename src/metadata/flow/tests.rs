//! A flow, read: every way to name a set, both starts, and nothing missed by the short cut.

use super::*;

const CALL: &str = "<actionCalls><name>Unlock</name><actionName>activateSessionPermSet</actionName>\
    <actionType>activateSessionPermSet</actionType>\
    <inputParameters><name>PermSetName</name><value>VALUE</value></inputParameters></actionCalls>";

fn xml(inside: &str) -> String {
    format!("<?xml version=\"1.0\"?><Flow xmlns=\"http://soap.sforce.com/2006/04/metadata\">{inside}</Flow>\n")
}

fn flow(inside: &str) -> Flow {
    read(xml(inside).as_bytes()).unwrap()
}

/// The set that a flow with this value, and these other elements, activates.
fn set(value: &str, others: &str) -> SetName {
    let flow = flow(&format!("{}{others}", CALL.replace("VALUE", value)));
    assert_eq!(flow.actions.len(), 1);
    flow.actions[0].set.clone()
}

fn constant(value: &str) -> String {
    format!("<constants><name>Set</name><dataType>String</dataType>{value}</constants>")
}

#[test]
fn literals_and_constants() {
    assert_eq!(set("<stringValue>Break_Glass</stringValue>", ""), SetName::Literal("Break_Glass".to_owned()));
    let reference = "<elementReference>set</elementReference>";
    let named = constant("<value><stringValue>Break_Glass</stringValue></value>");
    assert_eq!(set(reference, &named), SetName::Constant("Break_Glass".to_owned()));
    assert_eq!(set("<stringValue>{!Set}</stringValue>", &named), SetName::Constant("Break_Glass".to_owned()));
    assert_eq!(set(reference, &constant("")), SetName::Empty);
    assert_eq!(set(reference, &constant("<value><stringValue/></value>")), SetName::Empty);
    assert_eq!(set("<stringValue> </stringValue>", ""), SetName::Empty);
    assert_eq!(set("<elementReference>$GlobalConstant.EmptyString</elementReference>", ""), SetName::Empty);
    // Nothing chains constants, and two of one name contradict each other.
    assert_eq!(set(reference, &format!("{named}{named}")), SetName::NotStaticallyKnown);
    for unknown in [
        "<elementReference>variable</elementReference>",
        "<elementReference>$Label.Set</elementReference>",
        "<stringValue>Break_{!Suffix}</stringValue>",
        "<formulaExpression>\"A\"</formulaExpression>",
        "<stringValue>A</stringValue><elementReference>B</elementReference>",
    ] {
        assert_eq!(set(unknown, &named), SetName::NotStaticallyKnown, "{unknown}");
    }
}

#[test]
fn a_lookup_by_name_alone() {
    let lookup = |object: &str, filters: &[(&str, &str)]| {
        let filters: String = filters
            .iter()
            .map(|(field, operator)| {
                format!("<filters><field>{field}</field><operator>{operator}</operator><value><stringValue>Break_Glass</stringValue></value></filters>")
            })
            .collect();
        format!("<recordLookups><name>Get_Set</name>{filters}<object>{object}</object></recordLookups>")
    };
    let reference = "<elementReference>Get_Set.Name</elementReference>";
    let right = lookup("PermissionSet", &[("Name", "EqualTo")]);
    assert_eq!(set(reference, &right), SetName::RecordLookup("Break_Glass".to_owned()));
    assert_eq!(set("<elementReference>Get_Set.Id</elementReference>", &right), SetName::NotStaticallyKnown);
    for wrong in [
        lookup("PermissionSet", &[("Label", "EqualTo")]),
        lookup("PermissionSet", &[("Name", "StartsWith")]),
        lookup("PermissionSet", &[("Name", "EqualTo"), ("IsCustom", "EqualTo")]),
        lookup("PermissionSet", &[]),
        lookup("User", &[("Name", "EqualTo")]),
    ] {
        assert_eq!(set(reference, &wrong), SetName::NotStaticallyKnown, "{wrong}");
    }
}

#[test]
fn namespace_and_places() {
    let call = CALL.replace("VALUE", "<stringValue>A</stringValue>").replace(
        "</actionCalls>",
        "<inputParameters><name>PermSetNamespace</name><value><stringValue>ns</stringValue></value></inputParameters></actionCalls>",
    );
    let text = xml(&call);
    let action = read(text.as_bytes()).unwrap().actions.remove(0);
    assert_eq!(action.namespace, Some(SetName::Literal("ns".to_owned())));
    let at = |span: Span| &text[span.start as usize..span.end as usize];
    assert_eq!(at(action.span), "<stringValue>A</stringValue>");
    assert_eq!(at(action.type_span), "<actionType>activateSessionPermSet</actionType>");
    // Without the parameter nothing is named.
    let none = flow("<actionCalls><actionType>deactivateSessionPermSet</actionType></actionCalls>");
    assert_eq!((none.actions[0].action, &none.actions[0].set), (ActionType::Deactivate, &SetName::Empty));
}

#[test]
fn both_generations_of_start() {
    let call = CALL.replace("VALUE", "<stringValue>A</stringValue>");
    let started = |start: &str| flow(&format!("{call}<processType>Flow</processType>{start}"));
    let old = started("<startElementReference>Unlock</startElementReference>");
    assert!(matches!(&old.start, Start::Element { name, .. } if name == "Unlock"));
    assert!(!old.is_asynchronous());
    let screen = started("<start><connector><targetReference>Unlock</targetReference></connector></start>");
    assert!(!screen.is_asynchronous() && !screen.actions[0].behind_pause);
    let scheduled =
        started("<start><schedule><frequency>Daily</frequency></schedule><triggerType>Scheduled</triggerType></start>");
    assert!(scheduled.is_asynchronous());
    let Start::Block { trigger_type, schedule, .. } = &scheduled.start else { panic!("a block") };
    assert_eq!((trigger_type.as_deref(), *schedule), (Some("Scheduled"), true));
    assert!(started("<start><triggerType>PlatformEvent</triggerType></start>").is_asynchronous());
    assert!(!started("<start><triggerType>RecordAfterSave</triggerType></start>").is_asynchronous());
    let event = flow(&format!("{call}<processType>CustomEvent</processType>"));
    assert!(event.is_asynchronous());
}

#[test]
fn a_path_after_the_commit_and_a_pause() {
    let call = CALL.replace("VALUE", "<stringValue>A</stringValue>");
    let start = |immediate: &str, later: &str| {
        format!(
            "<start><connector><targetReference>{immediate}</targetReference></connector><recordTriggerType>Create</recordTriggerType>\
             <scheduledPaths><name>Later</name><connector><targetReference>{later}</targetReference></connector>\
             <pathType>AsyncAfterCommit</pathType></scheduledPaths><triggerType>RecordAfterSave</triggerType></start>"
        )
    };
    let decide = "<decisions><name>Decide</name><defaultConnector><targetReference>Unlock</targetReference></defaultConnector></decisions>";
    let behind = |start: &str| flow(&format!("{call}{decide}{start}")).actions[0].behind_pause;
    assert!(behind(&start("Other", "Decide")), "through a decision");
    assert!(!behind(&start("Decide", "Other")), "on the immediate path");
    let wait = "<waits><name>Wait</name><waitEvents><connector><targetReference>DECIDE</targetReference></connector></waitEvents></waits>";
    assert!(behind(wait));
}

#[test]
fn status_and_modes() {
    let call = CALL.replace("VALUE", "<stringValue>A</stringValue>");
    let of = |status: &str| flow(&format!("{call}{status}")).status;
    assert_eq!(of("<status>Active</status>"), Some(FlowStatus::Active));
    for inactive in ["Draft", "Obsolete", "InvalidDraft", "UnderReview"] {
        assert_eq!(of(&format!("<status>{inactive}</status>")), Some(FlowStatus::Inactive));
    }
    assert_eq!(of(""), Some(FlowStatus::Unknown));
    assert_eq!(of("<status>active</status>"), Some(FlowStatus::Unknown));
    let other = call.replace("activateSessionPermSet", "deactivateSessionPermSet");
    assert!(flow(&format!("{call}{other}")).activates_and_deactivates());
    assert!(!flow(&format!("{call}{call}")).activates_and_deactivates());
}

#[test]
fn an_action_is_not_missed_however_it_is_written() {
    let plain = CALL.replace("VALUE", "<stringValue>A</stringValue>");
    let as_written = |kind: &str| plain.replace("<actionType>activateSessionPermSet<", &format!("<actionType>{kind}<"));
    for kind in [
        "activateSession&#80;ermSet",
        "activate&#x53;essionPermSet",
        "<![CDATA[activateSession]]>PermSet",
        "activateSession<!-- -->PermSet",
        "activateSession<?x y?>PermSet",
        "\n activateSessionPermSet\t",
    ] {
        // The name repeats the type, and would give it away.
        let call = as_written(kind).replace("<actionName>activateSessionPermSet</actionName>", "");
        assert_eq!(flow(&call).actions.len(), 1, "{kind}");
    }
    let prefixed = "<m:Flow xmlns:m=\"http://soap.sforce.com/2006/04/metadata\"><m:actionCalls><m:actionType>activateSession&#80;ermSet</m:actionType></m:actionCalls></m:Flow>";
    assert_eq!(read(prefixed.as_bytes()).unwrap().actions.len(), 1);
}

#[test]
fn an_action_elsewhere_names_an_unknown_set() {
    let step = "<orchestratedStages><name>S</name><stageSteps><actionType>activateSessionPermSet</actionType></stageSteps></orchestratedStages>";
    assert_eq!(flow(step).actions[0].set, SetName::NotStaticallyKnown);
}

#[test]
fn a_flow_without_such_an_action_is_not_read_to_the_end() {
    // Not well-formed inside: only a reading to the end would notice.
    let cheap = xml("<actionCalls><actionType>apex</wrong></actionCalls><label>A &amp; B</label>");
    assert_eq!(read(cheap.as_bytes()), Ok(Flow::default()));
    // Where the action could hide, or the end is missing, all is read.
    assert!(read(cheap.replace("A &amp; B", "&#65;").as_bytes()).is_err());
    assert!(read(cheap.replace("A &amp; B", "<!-- A -->").as_bytes()).is_err());
    assert!(read(xml("<label>A</label>").replace("</Flow>", "").as_bytes()).is_err());
    assert!(read(b"").is_err() && read(b"<Profile></Profile>").is_err());
    let wide: Vec<u8> = xml("<label>A</label>").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&wide).unwrap_err().cause, Cause::NotWellFormed("the control character U+0000".to_owned()));
    let marked: Vec<u8> = [&[0xff, 0xfe], wide.as_slice()].concat();
    assert_eq!(read(&marked).unwrap_err().cause, Cause::Utf16);
    let other = xml("").replace("version=\"1.0\"", "version=\"1.0\" encoding=\"utf-7\"");
    assert!(matches!(read(other.as_bytes()).unwrap_err().cause, Cause::Encoding(_)));
}

#[test]
fn a_definition_names_the_active_version() {
    let of = |inside: &str| {
        let xml =
            format!("<FlowDefinition xmlns=\"http://soap.sforce.com/2006/04/metadata\">{inside}</FlowDefinition>");
        read_definition(xml.as_bytes()).map_err(|problem| problem.cause)
    };
    assert_eq!(of("<activeVersionNumber>3</activeVersionNumber>"), Ok(Some(3)));
    assert_eq!(of("<activeVersionNumber>0</activeVersionNumber>"), Ok(None));
    assert_eq!(of("<description>A</description>"), Ok(None));
    assert!(matches!(of("<activeVersionNumber>three</activeVersionNumber>"), Err(Cause::NotNumber { .. })));
}
